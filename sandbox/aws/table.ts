import { acm } from "./acm";
import { appautoscaling } from "./appautoscaling";
import { backup } from "./backup";
import { cloudwatch } from "./cloudwatch";
import { dynamodb } from "./dynamodb";
import { ec2 } from "./ec2";
import { ecs } from "./ecs";
import { eks } from "./eks";
import { events } from "./events";
import { iam } from "./iam";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { lb } from "./lb";
import { messaging } from "./messaging";
import { opensearch } from "./opensearch";
import { rds } from "./rds";
import type { ResourceRecord } from "./record";
import { route53 } from "./route53";
import { s3 } from "./s3";
import { secretsmanager } from "./secretsmanager";
import { servicediscovery } from "./servicediscovery";
import { ssm } from "./ssm";
import { wafv2 } from "./wafv2";

/** Every service's records, one file or folder a service. */
const services: readonly (readonly ResourceRecord[])[] = [
  acm,
  appautoscaling,
  backup,
  cloudwatch,
  dynamodb,
  ec2,
  ecs,
  eks,
  events,
  iam,
  kms,
  lambda,
  lb,
  messaging,
  opensearch,
  rds,
  route53,
  s3,
  secretsmanager,
  servicediscovery,
  ssm,
  wafv2,
];

/** The resource types this sandbox knows, by type token. */
export const table: ReadonlyMap<string, ResourceRecord> = new Map(
  services.flatMap((records) => records.map((record) => [record.type, record] as const)),
);

export { invokes } from "./invokes";
