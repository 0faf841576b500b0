import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked, encryptionKey, logsMayUseKey } from "@selfhosted/common";
import type { InsightsConfig } from "./config";
import { ADMIN, keepPassword, makePassword } from "./credentials";
import { logGroupPrefix, makeLogs } from "./logs";

/** OpenSearch in the VPC's isolated subnets: encrypted, HTTPS only, one generated administrator; returns its login. */
export function makeDomain(config: InsightsConfig) {
  const { names, tags, caller, settings } = config;
  const isolatedSubnetIds = asked(config.upstream.networking.isolatedSubnetIds, "isolatedSubnetIds");
  const domainName = names.searchDomain("search");
  const domainArn = `arn:${caller.partition}:es:${caller.region}:${caller.account}:domain/${domainName}`;
  const key = encryptionKey("search", {
    alias: names.keyAlias("search"),
    description: "Pulumi: the search domain, its logs and its login",
    delegates: "everything",
    statements: [logsMayUseKey(caller, logGroupPrefix(config))],
    caller,
    tags,
    protect: settings.protect,
  });
  const logs = makeLogs(config, domainArn, key);
  const password = keepPassword(config, key, makePassword());
  const domain = new aws.opensearch.Domain(
    "search",
    {
      domainName,
      engineVersion: settings.engineVersion,
      clusterConfig: clusterConfig(config),
      ebsOptions: { ebsEnabled: true, volumeType: "gp3", volumeSize: settings.volumeSize },
      vpcOptions: {
        // One subnet for each zone: OpenSearch takes no more.
        subnetIds: isolatedSubnetIds.slice(0, settings.availabilityZones),
        securityGroupIds: [makeSecurityGroup(config).id],
      },
      encryptAtRest: { enabled: true, kmsKeyId: key.arn },
      nodeToNodeEncryption: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
      advancedSecurityOptions: {
        enabled: true,
        internalUserDatabaseEnabled: true,
        masterUserOptions: { masterUserName: ADMIN, masterUserPassword: password },
      },
      accessPolicies: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          // Who may come near is said by the security group, who may log in by the domain's own users: the service signs
          // in with a password, which IAM can't judge. Only HTTP calls on this domain, none that manages it.
          { Effect: "Allow", Principal: { AWS: "*" }, Action: "es:ESHttp*", Resource: `${domainArn}/*` },
        ],
      }),
      logPublishingOptions: logs.options,
      // Burstable instances have no auto-tune. Source: OpenSearch Service developer guide, Auto-Tune.
      autoTuneOptions: /^t[23]\./.test(settings.instanceType)
        ? undefined
        : { desiredState: "ENABLED", rollbackOnDisable: "NO_ROLLBACK", useOffPeakWindow: true },
      offPeakWindowOptions: {
        enabled: true,
        offPeakWindow: { windowStartTime: { hours: settings.offPeakStartHour, minutes: 0 } },
      },
      softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
      tags: { ...tags, Name: domainName },
    },
    { protect: settings.protect, dependsOn: logs.policy },
  );
  return {
    searchEndpoint: pulumi.interpolate`https://${domain.endpoint}:443`,
    searchUsername: ADMIN,
    searchPassword: password,
  };
}

function clusterConfig({ settings }: InsightsConfig): aws.types.input.opensearch.DomainClusterConfig {
  const { availabilityZones, dedicatedMasterType } = settings;
  return {
    instanceType: settings.instanceType,
    instanceCount: settings.dataNodes,
    zoneAwarenessEnabled: availabilityZones > 1,
    zoneAwarenessConfig: availabilityZones > 1 ? { availabilityZoneCount: availabilityZones } : undefined,
    dedicatedMasterEnabled: dedicatedMasterType !== undefined,
    dedicatedMasterType,
    // Three, so that two still agree when one is gone. Source: OpenSearch Service developer guide, dedicated masters.
    dedicatedMasterCount: dedicatedMasterType === undefined ? undefined : 3,
  };
}

/** Admits what carries the workload security group, on HTTPS, and nothing else; lets nothing out. */
function makeSecurityGroup({ names, tags, upstream }: InsightsConfig): aws.ec2.SecurityGroup {
  const vpcId = asked(upstream.networking.vpcId, "vpcId");
  const workloadSecurityGroupId = asked(upstream.networking.workloadSecurityGroupId, "workloadSecurityGroupId");
  const name = names.of("search");
  const group = new aws.ec2.SecurityGroup("search", {
    name,
    description: "OpenSearch of Pulumi: workloads only",
    vpcId,
    tags: { ...tags, Name: name },
  });
  new aws.vpc.SecurityGroupIngressRule("workloads", {
    securityGroupId: group.id,
    referencedSecurityGroupId: workloadSecurityGroupId,
    description: "HTTPS from nodes, pods and tasks",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    tags: { ...tags, Name: name },
  });
  return group;
}
