import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";

/** The cluster's default StorageClass: encrypted gp3 volumes, made in the zone of the pod that asks for one. */
export function makeStorageClass(cluster: Cluster, driver: pulumi.Resource | undefined): pulumi.Output<string> {
  const storageClass = new k8s.storage.v1.StorageClass(
    "gp3",
    {
      metadata: {
        name: "gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    { ...cluster.objects, dependsOn: driver ? [driver] : [] },
  );
  return storageClass.metadata.name;
}
