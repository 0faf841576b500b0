import type { ResourceRecord } from "../record";
import { bucketRecords } from "./buckets";
import { objectRecords } from "./objects";
import { settingRecords } from "./settings";

/** Amazon S3. */
export const s3: readonly ResourceRecord[] = [...bucketRecords, ...settingRecords, ...objectRecords];
