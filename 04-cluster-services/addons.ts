import * as aws from "@pulumi/aws";
import { addonRole, asked } from "@selfhosted/common";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

type AddonName = ClusterServicesConfig["addons"][number];

/**
 * EKS's own add-ons, each in the newest version for the cluster's Kubernetes version unless configured. All need nodes,
 * which 03-cluster has made. Returns them by name, for what depends on one.
 */
export function makeAddons(config: ClusterServicesConfig, cluster: Cluster): Partial<Record<AddonName, aws.eks.Addon>> {
  const { settings, tags, upstream } = config;
  const extras: Partial<Record<AddonName, () => Partial<aws.eks.AddonArgs>>> = {
    coredns: () => ({
      configurationValues: JSON.stringify({ autoScaling: { enabled: true } }),
      // Names are still resolved while this stack is down: EKS gives up the add-on and leaves its pods.
      preserve: true,
    }),
    "aws-ebs-csi-driver": () => {
      const roleArn = asked(upstream.iam.ebsCsiRoleArn, "ebsCsiRoleArn");
      return addonRole("ebsCsiRoleArn", roleArn, asked(upstream.iam.podCredentials, "podCredentials"));
    },
  };
  return Object.fromEntries(
    config.addons.map((addonName) => [
      addonName,
      new aws.eks.Addon(
        addonName,
        {
          clusterName: cluster.name,
          addonName,
          addonVersion: settings.addonVersions[addonName] ?? latest(addonName, upstream.cluster.clusterVersion),
          // What a cluster brought along, or an earlier run left there, is taken over.
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
          tags,
          ...extras[addonName]?.(),
        },
        cluster.records,
      ),
    ]),
  );
}

function latest(addonName: string, kubernetesVersion: string) {
  return aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion, mostRecent: true }).version;
}
