import { findKey } from "../kms";
import type { Invoke } from "../record";
import { block, flag, isGiven, text, texts } from "../values";
import type { Properties } from "../../provider/types";
import type { WorldObject } from "../../world";
import { lookedUp } from "./lookup";

/** One look-up of an object by what names it. */
interface LookUp {
  readonly type: string;
  /** Arguments that choose the object, with the property each is compared with. */
  readonly by: Readonly<Record<string, string>>;
  /** AWS's code and message; `%` is what was asked for. */
  readonly code: string;
  readonly message: string;
  readonly source: string;
  /** What the function returns besides the object's properties. */
  readonly more?: (object: WorldObject) => Properties;
}

const lookUps: Readonly<Record<string, LookUp>> = {
  "aws:lb/getLoadBalancer:getLoadBalancer": {
    type: "aws:lb/loadBalancer:LoadBalancer",
    by: { arn: "arn", name: "name" },
    code: "LoadBalancerNotFound",
    message: "no matching ELBv2 Load Balancer found: %",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html",
  },
  "aws:lb/getTargetGroup:getTargetGroup": {
    type: "aws:lb/targetGroup:TargetGroup",
    by: { arn: "arn", name: "name" },
    code: "TargetGroupNotFound",
    message: "no matching ELBv2 Target Group found: %",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html",
  },
  "aws:rds/getCluster:getCluster": {
    type: "aws:rds/cluster:Cluster",
    by: { clusterIdentifier: "clusterIdentifier" },
    code: "DBClusterNotFoundFault",
    message: "DBCluster % not found.",
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html",
  },
  "aws:rds/getInstance:getInstance": {
    type: "aws:rds/clusterInstance:ClusterInstance",
    by: { dbInstanceIdentifier: "identifier" },
    code: "DBInstanceNotFound",
    message: "DBInstance % not found.",
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html",
    more: ({ properties }) => ({ address: properties.endpoint ?? "", vpcSecurityGroups: [] }),
  },
  "aws:dynamodb/getTable:getTable": {
    type: "aws:dynamodb/table:Table",
    by: { name: "name" },
    code: "ResourceNotFoundException",
    message: "Requested resource not found: Table: % not found",
    source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html",
  },
  "aws:rds/getSubnetGroup:getSubnetGroup": {
    type: "aws:rds/subnetGroup:SubnetGroup",
    by: { name: "name" },
    code: "DBSubnetGroupNotFoundFault",
    message: "no matching RDS DB Subnet Group found: %",
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSubnetGroups.html",
    more: () => ({ status: "Complete" }),
  },
  "aws:opensearch/getDomain:getDomain": {
    type: "aws:opensearch/domain:Domain",
    by: { domainName: "domainName" },
    code: "ResourceNotFoundException",
    message: "Domain not found: %",
    source: "https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomain.html",
    more: ({ properties }) => ({
      clusterConfigs: listOf(properties.clusterConfig),
      encryptionAtRests: listOf(properties.encryptAtRest),
      nodeToNodeEncryptions: listOf(properties.nodeToNodeEncryption),
      ebsOptions: listOf(properties.ebsOptions),
      vpcOptions: listOf(properties.vpcOptions),
      created: true,
      deleted: false,
      processing: false,
    }),
  },
  "aws:ssm/getParameter:getParameter": {
    type: "aws:ssm/parameter:Parameter",
    by: { name: "name" },
    code: "ParameterNotFound",
    message: "couldn't find resource: SSM Parameter %",
    source: "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html",
    more: ({ properties }) => ({ insecureValue: properties.type === "SecureString" ? "" : (properties.value ?? "") }),
  },
  "aws:secretsmanager/getSecret:getSecret": {
    type: "aws:secretsmanager/secret:Secret",
    by: { arn: "arn", name: "name" },
    code: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret: %",
    source: "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html",
    more: ({ createdAt }) => ({ createdDate: createdAt, lastChangedDate: createdAt }),
  },
  "aws:cloudwatch/getLogGroup:getLogGroup": {
    type: "aws:cloudwatch/logGroup:LogGroup",
    by: { name: "name" },
    code: "ResourceNotFoundException",
    message: "no matching CloudWatch Logs Log Group found: %",
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html",
    more: ({ createdAt }) => ({ creationTime: Date.parse(createdAt) }),
  },
  "aws:wafv2/getWebAcl:getWebAcl": {
    type: "aws:wafv2/webAcl:WebAcl",
    by: { name: "name", scope: "scope" },
    code: "WAFNonexistentItemException",
    message: "no matching WAFv2 WebACL found: %",
    source: "https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html",
  },
  "aws:eks/getNodeGroup:getNodeGroup": {
    type: "aws:eks/nodeGroup:NodeGroup",
    by: { clusterName: "clusterName", nodeGroupName: "nodeGroupName" },
    code: "ResourceNotFoundException",
    message: "No node group found for name: %.",
    source: "https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeNodegroup.html",
    more: ({ properties }) => ({
      scalingConfigs: listOf(properties.scalingConfig),
      updateConfigs: listOf(properties.updateConfig),
      launchTemplates: listOf(properties.launchTemplate),
      remoteAccesses: listOf(properties.remoteAccess),
    }),
  },
};

/** Look-ups that name an object outright. */
export const named: Readonly<Record<string, Invoke>> = {
  ...Object.fromEntries(Object.entries(lookUps).map(([token, lookUp]) => [token, invokeOf(lookUp)])),

  "aws:acm/getCertificate:getCertificate": (args, context) => {
    const domain = text(args.domain);
    const statuses = Array.isArray(args.statuses) ? texts(args.statuses) : ["ISSUED"];
    const certificate = lookedUp(
      context,
      "aws:acm/certificate:Certificate",
      ({ properties }) =>
        (domain === undefined || properties.domainName === domain) && statuses.includes(text(properties.status) ?? ""),
      {
        code: "ResourceNotFoundException",
        message: `no ACM Certificate matching domain (${domain ?? "any"}) in ${context.region} with status ${statuses.join(", ")}`,
        source: "https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html",
      },
    );
    const { arn = "", status = "", tagsAll = {} } = certificate.properties;
    return { ...args, id: certificate.id, arn, status, tags: tagsAll, domain: certificate.properties.domainName ?? "" };
  },

  "aws:kms/getAlias:getAlias": (args, context) => {
    const name = text(args.name) ?? "";
    const alias = lookedUp(context, "aws:kms/alias:Alias", ({ id }) => id === name, {
      code: "NotFoundException",
      message: `no matching KMS Alias found: ${name}`,
      source: "https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html",
    });
    const key = findKey(context.world, text(alias.properties.targetKeyId) ?? "");
    const target = { targetKeyId: key?.id ?? "", targetKeyArn: key?.properties.arn ?? "" };
    return { ...args, id: name, arn: alias.properties.arn ?? "", ...target };
  },

  "aws:rds/getClusterSnapshot:getClusterSnapshot": (args, context) => {
    const [snapshot, cluster] = [text(args.dbClusterSnapshotIdentifier), text(args.dbClusterIdentifier)];
    const newest = context.world
      .list("aws:rds/clusterSnapshot:ClusterSnapshot")
      .filter(({ region }) => region === context.region)
      .filter(({ id }) => snapshot === undefined || id === snapshot)
      .filter(({ properties }) => cluster === undefined || properties.dbClusterIdentifier === cluster)
      .at(flag(args.mostRecent) === true ? -1 : 0);
    const owner = context.world.get("aws:rds/cluster:Cluster", cluster ?? "");
    if (!newest && snapshot === undefined && owner)
      return { ...args, ...automatedSnapshot(cluster ?? "", owner.createdAt) };
    const found = lookedUp(context, "aws:rds/clusterSnapshot:ClusterSnapshot", (object) => object === newest, {
      code: "DBClusterSnapshotNotFoundFault",
      message: `Your query returned no results: snapshot ${snapshot ?? "any"} of cluster ${cluster ?? "any"}`,
      source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterSnapshots.html",
    });
    return { ...args, ...found.properties, id: found.id, snapshotCreateTime: found.createdAt };
  },
};

const DAY_MS = 24 * 3600 * 1000;

/**
 * The newest of the snapshots that Aurora takes by itself: one as soon as a cluster is there, then one a day. Its backups
 * can't be switched off. Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
 */
function automatedSnapshot(cluster: string, createdAt: string) {
  const first = Date.parse(createdAt);
  const newest = new Date(first + Math.floor((Date.now() - first) / DAY_MS) * DAY_MS);
  const id = `rds:${cluster}-${newest.toISOString().slice(0, 16).replaceAll(/[T:]/g, "-")}`;
  const times = { snapshotCreateTime: newest.toISOString(), snapshotType: "automated", status: "available" };
  return { id, dbClusterIdentifier: cluster, dbClusterSnapshotIdentifier: id, ...times };
}

function invokeOf({ type, by, code, message, source, more }: LookUp): Invoke {
  return (args, context) => {
    const given = Object.entries(by).filter(([argument]) => isGiven(args[argument]));
    const tags = Object.entries(block(args.tags));
    const asked = [
      ...given.map(([argument]) => text(args[argument]) ?? ""),
      ...tags.map(([key, value]) => `${key}=${text(value) ?? ""}`),
    ];
    const object = lookedUp(
      context,
      type,
      ({ properties }) =>
        given.every(([argument, property]) => properties[property] === args[argument]) &&
        tags.every(([key, value]) => block(properties.tagsAll)[key] === value),
      { code, message: message.replace("%", asked.join(", ")), source },
    );
    return { ...args, ...object.properties, id: object.id, tags: object.properties.tagsAll ?? {}, ...more?.(object) };
  };
}

function listOf(value: Properties[string] | undefined): Properties[] {
  return Object.keys(block(value)).length === 0 ? [] : [block(value)];
}
