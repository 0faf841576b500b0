export { parseArn, type Arn } from "../arn";
export { overlap, parseCidr, type Range } from "../cidr";
export * from "./arns";
export * from "./aws";
export type { Kind, SecretKind, ValueOf } from "./kind";
export * from "./kubernetes";
export * from "./network";
export * from "./plain";
