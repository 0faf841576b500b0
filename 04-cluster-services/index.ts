import { program } from "@selfhosted/common";
import { makeAddons } from "./addons";
import { makeClusterAutoscaler } from "./autoscaling";
import { makeCertManager } from "./certManager";
import { openCluster } from "./cluster";
import { readClusterServicesConfig } from "./config";
import { makeExternalSecrets } from "./externalSecrets";
import { makeKarpenter } from "./karpenter";
import { makeLoadBalancerController } from "./loadBalancerController";
import { makeLogShipping } from "./logShipping";
import { makeStorageClass } from "./storageClass";

export = program("clusterServices", async () => {
  const config = await readClusterServicesConfig();
  const { given, settings } = config;
  const cluster = openCluster(config);
  const addons = makeAddons(config, cluster);
  if (settings.autoscaling === "cluster-autoscaler") makeClusterAutoscaler(config, cluster);
  if (settings.autoscaling === "karpenter") await makeKarpenter(config, cluster);
  if (settings.services.includes("cert-manager")) makeCertManager(config, cluster);
  if (settings.services.includes("external-secrets")) makeExternalSecrets(config, cluster);
  if (settings.services.includes("log-shipping")) makeLogShipping(config, cluster);
  return {
    loadBalancerControllerVersion: given.loadBalancerControllerVersion ?? makeLoadBalancerController(config, cluster),
    storageClassName: given.storageClassName ?? makeStorageClass(cluster, addons["aws-ebs-csi-driver"]),
  };
});
