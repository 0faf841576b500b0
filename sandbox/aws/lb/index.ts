import type { ResourceRecord } from "../record";

/** Elastic Load Balancing. */
export const lb: readonly ResourceRecord[] = [];
