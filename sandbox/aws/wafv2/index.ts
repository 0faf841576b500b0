import type { ResourceRecord } from "../record";

/** AWS WAF. */
export const wafv2: readonly ResourceRecord[] = [];
