import type { ResourceRecord } from "../record";
import { clusterRecords } from "./clusters";
import { groupRecords } from "./groups";
import { instanceRecords } from "./instances";
import { moreRecords } from "./more";

/** Amazon RDS, as far as Aurora needs it. */
export const rds: readonly ResourceRecord[] = [...groupRecords, ...clusterRecords, ...instanceRecords, ...moreRecords];
