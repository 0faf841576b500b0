import type { ResourceRecord } from "../record";
import { healthCheckRecords } from "./healthChecks";
import { recordRecords } from "./records";
import { zoneRecords } from "./zones";

/** Amazon Route 53. */
export const route53: readonly ResourceRecord[] = [...zoneRecords, ...recordRecords, ...healthCheckRecords];
