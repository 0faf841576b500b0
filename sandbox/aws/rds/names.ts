import { digest, dnsSuffix } from "../naming";
import type { CreateContext } from "../record";

export const CLUSTER = "aws:rds/cluster:Cluster";
export const SNAPSHOT = "aws:rds/clusterSnapshot:ClusterSnapshot";
export const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";

/** Every host name of an account's databases in a Region ends in the same twelve characters. */
export function domain(context: Pick<CreateContext, "account" | "region" | "partition">): string {
  return `${digest(`rds/${context.account}/${context.region}`, 12, "lower")}.${context.region}.rds.${dnsSuffix(context)}`;
}
