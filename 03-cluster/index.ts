import { asked, guarded, program } from "@selfhosted/common";
import { makeAccessEntries } from "./access";
import { makeBootAddons } from "./bootAddons";
import { readClusterConfig, type ClusterConfig } from "./config";
import { admitRanges, makeControlPlane } from "./controlPlane";
import { clusterKey } from "./encryption";
import { checkGivenCluster } from "./givenCluster";
import { kubeconfigOf } from "./kubeconfig";
import { makeNodeGroups } from "./nodeGroups";
import { checkParts } from "./parts";

export = program("cluster", async () => {
  const config = await readClusterConfig();
  const { given, upstream } = config;
  const { autoMode, color, protect } = config.settings;
  if (given.cluster) {
    // Somebody else's cluster is looked at and published, never changed.
    await checkGivenCluster(config);
    return { ...given.cluster, autoMode, color };
  }

  const iam = asked(upstream.iam, "the roles");
  const network = asked(upstream.networking, "the network");
  await checkParts(config, iam, network);
  return guarded(protect, () => makeAll(config, iam, network));
});

type Upstream = ClusterConfig["upstream"];

function makeAll(
  config: ClusterConfig,
  iam: NonNullable<Upstream["iam"]>,
  network: NonNullable<Upstream["networking"]>,
) {
  const { autoMode, color, kubernetesVersion } = config.settings;
  const keyArn = clusterKey(config);
  const cluster = makeControlPlane(config, iam, network, keyArn);
  admitRanges(config, cluster);
  makeAccessEntries(config, cluster, iam.nodeRoleArn);
  if (!autoMode) {
    const after = makeBootAddons(config, cluster, iam);
    makeNodeGroups(config, { cluster, network, nodeRoleArn: iam.nodeRoleArn, keyArn, after });
  }
  return {
    clusterName: cluster.name,
    clusterVersion: kubernetesVersion,
    kubeconfig: kubeconfigOf(config, cluster),
    autoMode,
    color,
  };
}
