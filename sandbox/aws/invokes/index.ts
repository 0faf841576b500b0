import type { Invoke } from "../record";
import { data } from "./data";
import { ec2 } from "./ec2";
import { eksInvokes } from "./eks";
import { iam } from "./iam";
import { identity } from "./identity";
import { route53 } from "./route53";

/** The provider's functions this sandbox knows, by token. */
export const invokes: Readonly<Record<string, Invoke>> = {
  ...data,
  ...ec2,
  ...eksInvokes,
  ...iam,
  ...identity,
  ...route53,
};
