import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { addonRole } from "@selfhosted/common";
import type { ClusterConfig } from "./config";
import type { bootAddons } from "./versions";

type Iam = NonNullable<ClusterConfig["upstream"]["iam"]>;

/**
 * The three add-ons without which no node becomes ready, so they precede the nodes: the agent that hands pods their
 * roles, the VPC CNI with its own role (the node role has no rights on network interfaces), and kube-proxy. All others
 * are 04-cluster-services'.
 */
export function makeBootAddons(config: ClusterConfig, cluster: aws.eks.Cluster, iam: Iam): pulumi.Resource[] {
  const { settings, tags } = config;
  const addon = (
    addonName: (typeof bootAddons)[number],
    args: Partial<aws.eks.AddonArgs>,
    dependsOn: pulumi.Resource[] = [],
  ) =>
    new aws.eks.Addon(
      addonName,
      {
        clusterName: cluster.name,
        addonName,
        addonVersion: settings.addonVersions[addonName] ?? latest(addonName, settings.kubernetesVersion),
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        tags,
        ...args,
      },
      { dependsOn, protect: settings.protect },
    );
  const agent = addon("eks-pod-identity-agent", {});
  const cni = addon(
    "vpc-cni",
    {
      ...addonRole("vpcCniRoleArn", iam.vpcCniRoleArn, iam.podCredentials),
      configurationValues: JSON.stringify({
        // NetworkPolicy objects are enforced, not just stored.
        enableNetworkPolicy: "true",
        env: {
          ENABLE_PREFIX_DELEGATION: String(settings.prefixDelegation),
          ...(settings.prefixDelegation && { WARM_PREFIX_TARGET: "1" }),
        },
      }),
    },
    [agent],
  );
  return [agent, cni, addon("kube-proxy", {})];
}

/** The newest version of an add-on that fits the cluster's Kubernetes version. */
function latest(addonName: string, kubernetesVersion: string): pulumi.Output<string> {
  return aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion, mostRecent: true }).version;
}
