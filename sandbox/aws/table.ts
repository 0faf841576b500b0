import { ec2 } from "./ec2";
import { iam } from "./iam";
import type { Invoke, ResourceRecord } from "./record";

/** Every service's records, one file a service. */
const services: readonly (readonly ResourceRecord[])[] = [ec2, iam];

/** The resource types this sandbox knows, by type token. */
export const table: ReadonlyMap<string, ResourceRecord> = new Map(
  services.flatMap((records) => records.map((record) => [record.type, record] as const)),
);

/** The provider's functions this sandbox knows, by token, e.g. `aws:index/getAvailabilityZones:getAvailabilityZones`. */
export const invokes: Readonly<Record<string, Invoke>> = {};
