import type { ResourceRecord } from "../record";

/** Amazon Route 53. */
export const route53: readonly ResourceRecord[] = [];
