import { program } from "@selfhosted/common";
import { makeAddons } from "./addons";
import { makeAutoNodes } from "./autoNodes";
import { makeClusterAutoscaler } from "./autoscaling";
import { openCluster } from "./cluster";
import { readClusterServicesConfig } from "./config";
import { makeKarpenter } from "./karpenter";
import { makeLoadBalancerController } from "./loadBalancerController";
import { makeServices } from "./services";
import { makeStorageClass } from "./storageClass";

export = program("clusterServices", async () => {
  const config = await readClusterServicesConfig();
  const { given, settings } = config;
  const { autoscaling } = settings;
  const cluster = openCluster(config);
  const addons = makeAddons(config, cluster);
  if (autoscaling === "cluster-autoscaler") makeClusterAutoscaler(config, cluster);
  if (autoscaling === "karpenter") await makeKarpenter(config, cluster);
  if (autoscaling === "auto-mode") await makeAutoNodes(config, cluster);
  makeServices(config, cluster);
  return {
    delivery: settings.deliver,
    loadBalancerControllerVersion: given.loadBalancerControllerVersion ?? makeLoadBalancerController(config, cluster),
    storageClassName: given.storageClassName ?? makeStorageClass(config, cluster, addons["aws-ebs-csi-driver"]),
  };
});
