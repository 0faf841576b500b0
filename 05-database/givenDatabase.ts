import * as aws from "@pulumi/aws";
import { reasonOf, type Problems } from "@selfhosted/common";
import type { DatabaseConfig } from "./config";

/** What AWS says of a database that somebody else made. */
interface Found {
  readonly endpoint: string;
  readonly port: number;
  readonly engine: string;
  readonly engineVersion: string;
  readonly securityGroupIds: readonly string[];
}

/**
 * A given database is one that the service can use: MySQL 8.0, at that address, open to the workloads. AWS is asked only
 * where databaseIdentifier names it; what no look-up tells, sql_mode and rights, 08-service's Job asks the database itself.
 */
export async function checkGivenDatabase(
  { settings, given, upstream }: DatabaseConfig,
  problems: Problems,
): Promise<void> {
  const { databaseIdentifier: identifier } = settings;
  const { database } = given;
  if (identifier === undefined || database === undefined) return;
  const found = await look(identifier, problems);
  if (found === undefined) return;
  if (!["aurora-mysql", "mysql"].includes(found.engine) || !found.engineVersion.startsWith("8.0")) {
    problems.add(
      `databaseIdentifier ${identifier} is ${found.engine} ${found.engineVersion}; the service needs MySQL 8.0 or Aurora MySQL 3`,
    );
  }
  if (found.endpoint !== database.databaseEndpoint) {
    problems.add(
      `databaseEndpoint ${database.databaseEndpoint} isn't the address of ${identifier}; run \`pulumi config set databaseEndpoint ${found.endpoint}\``,
    );
  }
  if (found.port !== database.databasePort) {
    problems.add(`${identifier} listens on port ${found.port}; run \`pulumi config set databasePort ${found.port}\``);
  }
  const { workloadSecurityGroupId } = upstream.networking;
  if (workloadSecurityGroupId !== undefined) await checkAdmits(found, workloadSecurityGroupId, problems);
}

/** By the name of a cluster, and then of an instance that isn't in one. */
async function look(identifier: string, problems: Problems): Promise<Found | undefined> {
  try {
    const cluster = await aws.rds.getCluster({ clusterIdentifier: identifier });
    return { ...cluster, securityGroupIds: cluster.vpcSecurityGroupIds };
  } catch {
    try {
      const instance = await aws.rds.getInstance({ dbInstanceIdentifier: identifier });
      return { ...instance, endpoint: instance.address, securityGroupIds: instance.vpcSecurityGroups };
    } catch (error) {
      problems.add(
        `databaseIdentifier ${identifier} is neither a cluster nor an instance that can be read (${reasonOf(error)}); check the name, or run \`pulumi config rm databaseIdentifier\``,
      );
      return undefined;
    }
  }
}

/** One of its security groups lets the workloads in. A rule by range or prefix list may be theirs, so it counts as well. */
async function checkAdmits({ port, securityGroupIds }: Found, workloads: string, problems: Problems): Promise<void> {
  try {
    const { ids } = await aws.vpc.getSecurityGroupRules({
      filters: [{ name: "group-id", values: [...securityGroupIds] }],
    });
    const rules = await Promise.all(
      ids.map((securityGroupRuleId) => aws.vpc.getSecurityGroupRule({ securityGroupRuleId })),
    );
    const admits = rules.some(
      (rule) =>
        !rule.isEgress &&
        ["", workloads].includes(rule.referencedSecurityGroupId) &&
        (rule.ipProtocol === "-1" || (rule.fromPort <= port && port <= rule.toPort)),
    );
    if (admits) return;
    const [group = "the database's"] = securityGroupIds;
    problems.add(
      `no rule of ${securityGroupIds.join(", ")} admits the workloads (${workloads}) on port ${port}; run \`aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${port} --source-group ${workloads}\``,
    );
  } catch (error) {
    problems.add(
      `the rules of ${securityGroupIds.join(", ")} can't be read (${reasonOf(error)}); check this account's rights`,
    );
  }
}
