import type { Invoke } from "../record";
import { catalog } from "./catalog";
import { data } from "./data";
import { ec2 } from "./ec2";
import { eksInvokes } from "./eks";
import { iam } from "./iam";
import { identity } from "./identity";
import { named } from "./named";
import { networks } from "./networks";
import { route53 } from "./route53";
import { tagging } from "./tagging";

/** The provider's functions this sandbox knows, by token. */
export const invokes: Readonly<Record<string, Invoke>> = {
  ...catalog,
  ...data,
  ...ec2,
  ...eksInvokes,
  ...iam,
  ...identity,
  ...named,
  ...networks,
  ...route53,
  ...tagging,
};
