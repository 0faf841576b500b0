import type { ResourceRecord } from "../record";
import { setRecords } from "./sets";
import { webAclRecords } from "./webAcls";

/** AWS WAF. */
export const wafv2: readonly ResourceRecord[] = [...webAclRecords, ...setRecords];
