import { program } from "@selfhosted/common";
import { makeAddons } from "./addons";
import { makeClusterAutoscaler } from "./autoscaling";
import { openCluster } from "./cluster";
import { readClusterServicesConfig } from "./config";
import { makeKarpenter } from "./karpenter";
import { makeLoadBalancerController } from "./loadBalancerController";
import { makeStorageClass } from "./storageClass";

export = program("clusterServices", async () => {
  const config = await readClusterServicesConfig();
  const { given, settings } = config;
  const cluster = openCluster(config);
  const addons = makeAddons(config, cluster);
  if (settings.autoscaling === "cluster-autoscaler") makeClusterAutoscaler(config, cluster);
  if (settings.autoscaling === "karpenter") await makeKarpenter(config, cluster);
  return {
    loadBalancerControllerVersion: given.loadBalancerControllerVersion ?? makeLoadBalancerController(config, cluster),
    storageClassName: given.storageClassName ?? makeStorageClass(cluster, addons["aws-ebs-csi-driver"]),
  };
});
