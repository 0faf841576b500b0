import { asked, program } from "@selfhosted/common";
import { makeBootAddons } from "./bootAddons";
import { readClusterConfig } from "./config";
import { makeControlPlane } from "./controlPlane";
import { clusterKey } from "./encryption";
import { checkGivenCluster } from "./givenCluster";
import { kubeconfigOf } from "./kubeconfig";
import { makeNodeGroups } from "./nodeGroups";
import { checkParts } from "./parts";

export = program("cluster", async () => {
  const config = await readClusterConfig();
  const { given, upstream } = config;
  if (given.cluster) {
    // Somebody else's cluster is looked at and published, never changed.
    await checkGivenCluster(config);
    return given.cluster;
  }

  const iam = asked(upstream.iam, "the roles");
  const network = asked(upstream.networking, "the network");
  await checkParts(config, iam, network);
  const keyArn = clusterKey(config);
  const cluster = makeControlPlane(config, iam, network, keyArn);
  const after = makeBootAddons(config, cluster, iam.vpcCniRoleArn);
  makeNodeGroups(config, { cluster, network, nodeRoleArn: iam.nodeRoleArn, keyArn, after });
  return {
    clusterName: cluster.eksCluster.name,
    clusterVersion: config.settings.kubernetesVersion,
    kubeconfig: kubeconfigOf(config, cluster),
  };
});
