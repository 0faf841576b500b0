import { program } from "@selfhosted/common";
import { makeAddons } from "./addons";
import { makeClusterAutoscaler } from "./autoscaling";
import { openCluster } from "./cluster";
import { readClusterServicesConfig } from "./config";
import { makeKarpenter } from "./karpenter";
import { makeLoadBalancerController } from "./loadBalancerController";
import { makeServices } from "./services";
import { makeStorageClass } from "./storageClass";

export = program("clusterServices", async () => {
  const config = await readClusterServicesConfig();
  const { given, autoscaling } = config;
  const cluster = openCluster(config);
  const addons = makeAddons(config, cluster);
  if (autoscaling === "cluster-autoscaler") makeClusterAutoscaler(config, cluster);
  if (autoscaling === "karpenter") await makeKarpenter(config, cluster);
  makeServices(config, cluster);
  return {
    loadBalancerControllerVersion: given.loadBalancerControllerVersion ?? makeLoadBalancerController(config, cluster),
    storageClassName: given.storageClassName ?? makeStorageClass(cluster, addons["aws-ebs-csi-driver"]),
  };
});
