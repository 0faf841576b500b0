import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";

/** The cluster's default StorageClass: encrypted gp3 volumes, made in the zone of the pod that asks for one. */
export function makeStorageClass(
  { settings }: ClusterServicesConfig,
  cluster: Cluster,
  driver: pulumi.Resource | undefined,
): pulumi.Output<string> {
  const storageClass = new k8s.storage.v1.StorageClass(
    "gp3",
    {
      metadata: {
        name: "gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      // Auto Mode's driver is another one, and neither mounts the other's volumes.
      provisioner: settings.autoscaling === "auto-mode" ? "ebs.csi.eks.amazonaws.com" : "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    { ...cluster.objects, dependsOn: driver ? [driver] : [] },
  );
  return storageClass.metadata.name;
}
