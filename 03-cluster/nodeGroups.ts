import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import { colored, type ClusterConfig } from "./config";
import type { GroupName } from "./nodeCounts";

type Network = NonNullable<ClusterConfig["upstream"]["networking"]>;

/** What both groups are made of. */
export interface NodeGroupParts {
  readonly cluster: aws.eks.Cluster;
  readonly network: Network;
  readonly nodeRoleArn: string;
  readonly keyArn: pulumi.Input<string>;
  /** Add-ons that must be there before the first node. */
  readonly after: pulumi.Resource[];
}

interface GroupSpec {
  readonly instanceTypes: string[];
  readonly capacityType: string;
  readonly scalingConfig: { readonly minSize: number; readonly desiredSize: number; readonly maxSize: number };
  readonly labels?: Record<string, string>;
  readonly taints?: { readonly key: string; readonly value: string; readonly effect: string }[];
}

/**
 * Nodes unless configured. The API asks for two processors and 4 GiB a pod (half of it in the small profile), which an
 * xlarge is the smallest to hold beside the system's pods; m-family, for its steady load would use up the credits of a
 * t-family node. What runs on the general nodes mostly waits.
 */
const defaultTypes = {
  standard: {
    x86_64: { general: ["t3a.medium"], service: ["m6a.xlarge"] },
    arm64: { general: ["t4g.medium"], service: ["m7g.xlarge"] },
  },
  small: {
    x86_64: { general: ["t3a.medium"], service: ["t3a.medium"] },
    arm64: { general: ["t4g.medium"], service: ["t4g.medium"] },
  },
} as const;

/** Images by processor. Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html (amiType) */
const amiTypes = { x86_64: "AL2023_x86_64_STANDARD", arm64: "AL2023_ARM_64_STANDARD" } as const;

/** Two groups: one for everything, one kept for the service by a taint that 08-service's pods tolerate and seek. */
export function makeNodeGroups(config: ClusterConfig, parts: NodeGroupParts): void {
  const { settings } = config;
  const types = defaultTypes[config.profile][settings.nodeArchitecture];
  makeNodeGroup(config, parts, "general", {
    instanceTypes: settings.generalInstanceTypes ?? [...types.general],
    capacityType: settings.generalCapacityType,
    scalingConfig: {
      minSize: settings.generalMinSize,
      desiredSize: settings.generalDesiredSize,
      maxSize: settings.generalMaxSize,
    },
  });
  const { key, value } = shared.serviceNodes;
  makeNodeGroup(config, parts, "service", {
    instanceTypes: settings.serviceInstanceTypes ?? [...types.service],
    capacityType: "ON_DEMAND",
    scalingConfig: {
      minSize: settings.serviceMinSize,
      desiredSize: settings.serviceDesiredSize,
      maxSize: settings.serviceMaxSize,
    },
    labels: { [key]: value },
    taints: [{ key, value, effect: "NO_SCHEDULE" }],
  });
}

function makeNodeGroup(config: ClusterConfig, parts: NodeGroupParts, name: GroupName, spec: GroupSpec): void {
  const { settings, names, tags } = config;
  const count = config.nodeCounts[name];
  const launchTemplate = makeLaunchTemplate(config, parts, name);
  new aws.eks.NodeGroup(
    name,
    {
      clusterName: parts.cluster.name,
      nodeRoleArn: parts.nodeRoleArn,
      subnetIds: parts.network.privateSubnetIds,
      version: settings.kubernetesVersion,
      releaseVersion: settings.nodeReleaseVersion,
      amiType: amiTypes[settings.nodeArchitecture],
      launchTemplate: { id: launchTemplate.id, version: pulumi.interpolate`${launchTemplate.latestVersion}` },
      updateConfig:
        settings.maxUnavailablePercentage === undefined
          ? { maxUnavailable: settings.maxUnavailable ?? 1 }
          : { maxUnavailablePercentage: settings.maxUnavailablePercentage },
      ...spec,
      scalingConfig: { ...spec.scalingConfig, ...(count !== undefined && { desiredSize: count }) },
      tags: { ...tags, Name: names.of(name) },
    },
    {
      dependsOn: parts.after,
      protect: settings.protect,
      // The autoscaler resizes groups; the next `pulumi up` must not undo it.
      ignoreChanges: count === undefined ? ["scalingConfig.desiredSize"] : [],
    },
  );
}

function makeLaunchTemplate(config: ClusterConfig, parts: NodeGroupParts, name: string): aws.ec2.LaunchTemplate {
  const { settings, names, tags } = config;
  const templateName = names.of(colored(config, name));
  const named = { ...tags, Name: templateName };
  return new aws.ec2.LaunchTemplate(
    name,
    {
      name: templateName,
      description: `Nodes of group ${name}`,
      updateDefaultVersion: true,
      // EKS's own group joins nodes and control plane, and isn't added by itself to a launch template that names groups;
      // the workload group is what the database and search admit.
      vpcSecurityGroupIds: [parts.cluster.vpcConfig.clusterSecurityGroupId, parts.network.workloadSecurityGroupId],
      // One hop: pods can't reach the metadata service, and with it the node's role; they have roles of their own.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: settings.nodeDiskGiB,
            encrypted: "true",
            kmsKeyId: parts.keyArn,
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: named,
      })),
      tags: named,
    },
    { protect: settings.protect },
  );
}
