import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { InsightsConfig } from "./config";

/** The four logs of a domain, by the last part of their group's name. */
const LOG_TYPES = {
  application: "ES_APPLICATION_LOGS",
  audit: "AUDIT_LOGS",
  "index-slow": "INDEX_SLOW_LOGS",
  "search-slow": "SEARCH_SLOW_LOGS",
} as const;

/** Name of the domain's log groups, up to their last part. */
export function logGroupPrefix({ names }: InsightsConfig): string {
  return names.logGroup("search/");
}

/** Log groups of the domain, and the resource policy that lets OpenSearch write to them and nothing else. */
export function makeLogs(config: InsightsConfig, domainArn: string, key: aws.kms.Key) {
  const { names, tags, caller, settings } = config;
  const logs = Object.entries(LOG_TYPES).map(([part, logType]) => {
    const name = logGroupPrefix(config) + part;
    const group = new aws.cloudwatch.LogGroup(part, {
      name,
      retentionInDays: settings.logRetentionDays,
      kmsKeyId: key.arn,
      tags: { ...tags, Name: name },
    });
    return { logType, group };
  });
  const policy = new aws.cloudwatch.LogResourcePolicy("search", {
    policyName: names.of("search"),
    policyDocument: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "es.amazonaws.com" },
          Action: ["logs:PutLogEvents", "logs:CreateLogStream", "logs:PutLogEventsBatch"],
          Resource: `arn:${caller.partition}:logs:${caller.region}:${caller.account}:log-group:${logGroupPrefix(config)}*`,
          // Not for another account's domain that names our log groups.
          Condition: {
            StringEquals: { "aws:SourceAccount": caller.account },
            ArnEquals: { "aws:SourceArn": domainArn },
          },
        },
      ],
    }),
  });
  return {
    policy,
    options: logs.map(({ logType, group }) => ({ logType, cloudwatchLogGroupArn: group.arn, enabled: true })),
  };
}
