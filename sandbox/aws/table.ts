import { cloudwatch } from "./cloudwatch";
import { dynamodb } from "./dynamodb";
import { ec2 } from "./ec2";
import { eks } from "./eks";
import { events } from "./events";
import { iam } from "./iam";
import { kms } from "./kms";
import { messaging } from "./messaging";
import type { ResourceRecord } from "./record";
import { s3 } from "./s3";
import { secretsmanager } from "./secretsmanager";
import { ssm } from "./ssm";

/** Every service's records, one file or folder a service. */
const services: readonly (readonly ResourceRecord[])[] = [
  cloudwatch,
  dynamodb,
  ec2,
  eks,
  events,
  iam,
  kms,
  messaging,
  s3,
  secretsmanager,
  ssm,
];

/** The resource types this sandbox knows, by type token. */
export const table: ReadonlyMap<string, ResourceRecord> = new Map(
  services.flatMap((records) => records.map((record) => [record.type, record] as const)),
);

export { invokes } from "./invokes";
