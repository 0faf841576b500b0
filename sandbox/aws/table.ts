import type { Invoke, ResourceRecord } from "./record";

/** Every service's records, one file a service. */
const services: readonly (readonly ResourceRecord[])[] = [];

/** The resource types this sandbox knows, by type token. */
export const table: ReadonlyMap<string, ResourceRecord> = new Map(
  services.flatMap((records) => records.map((record) => [record.type, record] as const)),
);

/** The provider's functions this sandbox knows, by token, e.g. `aws:index/getAvailabilityZones:getAvailabilityZones`. */
export const invokes: Readonly<Record<string, Invoke>> = {};
