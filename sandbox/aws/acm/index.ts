import type { ResourceRecord } from "../record";

/** AWS Certificate Manager. */
export const acm: readonly ResourceRecord[] = [];
