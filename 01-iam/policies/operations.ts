import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

const writeLogs = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];

/** Rights to write the VPC's flow logs into the log group that 02-networking owns. */
export function flowLogsPolicy(config: IamConfig): Document<Statement> {
  const { arn } = scopeOf(config);
  const group = config.names.logGroup("flow-logs");
  return document(
    allow("WriteFlowLogs", writeLogs, [arn("logs", `log-group:${group}`), arn("logs", `log-group:${group}:*`)]),
    // VPC lists groups before it writes; the action knows no narrower resource.
    allow("FindLogGroup", "logs:DescribeLogGroups", "*"),
  );
}

/** Rights of the log shipper: streams in the installation's own log groups, which Pulumi makes with their retention. */
export function logShipperPolicy(config: IamConfig): Document<Statement> {
  const { arn } = scopeOf(config);
  const groups = config.names.logGroup("*");
  return document(
    allow("WriteLogs", writeLogs, [arn("logs", `log-group:${groups}`), arn("logs", `log-group:${groups}:*`)]),
  );
}

/**
 * Rights of the OpenTelemetry collector: the installation's own log groups and metrics, and traces.
 * Source: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html, and for the
 * condition https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
 */
export function telemetryPolicy(config: IamConfig): Document<Statement> {
  return document(
    ...logShipperPolicy(config).Statement,
    // Metrics have no ARN; the condition names the installation's own.
    allow("WriteMetrics", "cloudwatch:PutMetricData", "*", {
      StringEquals: { "cloudwatch:namespace": config.names.metricNamespace() },
    }),
    // X-Ray knows no narrower resource for what a tracer does.
    allow(
      "WriteTraces",
      [
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ],
      "*",
    ),
  );
}

/** Rights to read the installation's own secrets and parameters, for External Secrets and for Fargate's agent. */
export function readSecretsPolicy(config: IamConfig): Document<Statement> {
  const { arn, dnsSuffix } = scopeOf(config);
  const { names, caller } = config;
  return document(
    allow(
      "ReadSecrets",
      ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:ListSecretVersionIds"],
      arn("secretsmanager", `secret:${names.secret("*")}`),
    ),
    allow(
      "ReadParameters",
      ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
      arn("ssm", `parameter/${names.secret("*")}`),
    ),
    allow("DecryptSecrets", "kms:Decrypt", arn("kms", "key/*"), {
      StringEquals: {
        "kms:ViaService": ["secretsmanager", "ssm"].map((via) => `${via}.${caller.region}.${dnsSuffix}`),
      },
      "ForAnyValue:StringLike": {
        "kms:ResourceAliases": [`${names.keyAlias("")}-*`, "alias/aws/secretsmanager", "alias/aws/ssm"],
      },
    }),
  );
}

/** Rights of the EKS control plane on the key that encrypts the cluster's Kubernetes secrets (03-cluster). */
export function clusterKeyPolicy(config: IamConfig): Document<Statement> {
  return document(
    allow(
      "EncryptKubernetesSecrets",
      ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
      scopeOf(config).arn("kms", "key/*"),
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": clusterKeyAliases(config) } },
    ),
  );
}

/**
 * Rights of the EBS CSI driver on the key that encrypts nodes and volumes; EBS itself uses it through a grant.
 * Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md (encryption with own key)
 */
export function volumeKeyPolicy(config: IamConfig): Document<Statement> {
  const key = scopeOf(config).arn("kms", "key/*");
  const named = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": clusterKeyAliases(config) } };
  return document(
    allow("GrantKeyToVolumes", ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], key, {
      Bool: { "kms:GrantIsForAWSResource": "true" },
      ...named,
    }),
    allow(
      "EncryptVolumes",
      [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      key,
      named,
    ),
  );
}

/** Aliases of the keys that 03-cluster makes, one for each of the two clusters that there may be. */
export function clusterKeyAliases({ names }: IamConfig): string[] {
  return shared.colors.map((color) => names.keyAlias(shared.colored("cluster", color)));
}
