import type { ResourceRecord } from "../record";

/** Amazon OpenSearch Service. */
export const opensearch: readonly ResourceRecord[] = [];
