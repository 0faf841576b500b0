import * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
// Loaded, not only for its types: the package says how a reference to an `eks.Cluster` becomes one again.
import "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import { ComponentRoot, type Component } from "../construct";

/** Options that would need user data or a launch template of the component's own. */
const UNSUPPORTED = [
  "amiId",
  "bootstrapExtraArgs",
  "bottlerocketSettings",
  "enableEfaSupport",
  "enableIMDSv2",
  "kubeletExtraArgs",
  "nodeadmExtraOptions",
  "userData",
] as const satisfies readonly (keyof eks.ManagedNodeGroupArgs)[];

/**
 * `eks.ManagedNodeGroup`: one EKS node group of a cluster that is named by the `eks.Cluster` itself or by its `core`.
 * Facts: github.com/pulumi/pulumi-eks, nodejs/eks/nodes/nodegroup.ts at v4.3, createManagedNodeGroup
 */
export function makeManagedNodeGroup(
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Component {
  const args = inputs as eks.ManagedNodeGroupArgs;
  refuseUnsupported(args);
  const component = new ComponentRoot("eks:index:ManagedNodeGroup", name, options);
  const core = coreOf(args.cluster);
  const nodeGroup = new aws.eks.NodeGroup(
    name,
    {
      ...args,
      amiType: args.amiType ?? amiTypeOf(args),
      version: args.version ?? (args.launchTemplate ? undefined : core.cluster.version),
      clusterName: args.clusterName ?? core.cluster.name,
      nodeRoleArn: args.nodeRoleArn ?? pulumi.output(args.nodeRole).apply((role) => role?.arn ?? pulumi.output("")),
      subnetIds: args.subnetIds ?? core.subnetIds,
      scalingConfig: pulumi
        .output(args.scalingConfig)
        .apply((given) => ({ desiredSize: 2, minSize: 1, maxSize: 2, ...given })),
    },
    { parent: component, ignoreChanges: args.ignoreScalingChanges ? ["scalingConfig.desiredSize"] : undefined },
  );
  return { resource: component, state: { nodeGroup, placementGroupName: "" } };
}

/** What the node group needs of its cluster. */
interface Core {
  readonly cluster: pulumi.Output<aws.eks.Cluster>;
  readonly subnetIds: pulumi.Output<string[]>;
}

function coreOf(cluster: eks.ManagedNodeGroupArgs["cluster"]): Core {
  const core = pulumi.output(cluster).apply((given) => ("core" in given ? given.core : given));
  return {
    cluster: core.apply((data) => data.cluster) as pulumi.Output<aws.eks.Cluster>,
    subnetIds: core.apply((data) => data.subnetIds) as pulumi.Output<string[]>,
  };
}

function amiTypeOf({ operatingSystem, gpu }: eks.ManagedNodeGroupArgs): pulumi.Input<string> | undefined {
  if (operatingSystem === undefined) return undefined;
  return pulumi.all([operatingSystem, gpu]).apply(([system, withGpu]) => {
    const family = system === "Bottlerocket" ? "BOTTLEROCKET_x86_64" : "AL2023_x86_64_STANDARD";
    if (withGpu) return system === "Bottlerocket" ? "BOTTLEROCKET_x86_64_NVIDIA" : "AL2023_x86_64_NVIDIA";
    return family;
  });
}

function refuseUnsupported(args: eks.ManagedNodeGroupArgs): void {
  if (args.nodeRole && args.nodeRoleArn) {
    throw new Error("You cannot specify both nodeRole and nodeRoleArn when creating a managed node group.");
  }
  if (!args.nodeRole && !args.nodeRoleArn) {
    throw new Error("An IAM role, or role ARN must be provided to create a managed node group");
  }
  const given = UNSUPPORTED.filter((option) => args[option] !== undefined);
  if (given.length > 0) {
    throw new Error(
      `the sandbox's eks.ManagedNodeGroup makes no launch template: put ${given.join(", ")} into one of your own and ` +
        "give it as launchTemplate",
    );
  }
}
