import * as path from "node:path";
import type { CrdSource } from "./chartTable";
import { pathOf } from "./discovery";
import { ApiError, type RestClient } from "./rest";

/**
 * What a cluster in EKS Auto Mode knows besides: Karpenter's pools, and the class that their nodes are made of.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html
 */
export const autoModeDefinitions: readonly CrdSource[] = [
  { module: "sigs.k8s.io/karpenter", version: "v1.14.1", folder: "pkg/apis/crds" },
  { file: path.join(__dirname, "crds", "eks-auto-mode.yaml") },
];

/** What an EKS cluster holds from its first minute: the storage class `gp2`, not a default one since EKS 1.30. */
export async function prepareCluster(client: RestClient): Promise<void> {
  const storageClasses = { apiVersion: "storage.k8s.io/v1", plural: "storageclasses", namespaced: false };
  try {
    await client.request(
      "POST",
      pathOf(storageClasses, undefined),
      {},
      {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "gp2" },
        provisioner: "kubernetes.io/aws-ebs",
        parameters: { type: "gp2", fsType: "ext4" },
        reclaimPolicy: "Delete",
        volumeBindingMode: "WaitForFirstConsumer",
      },
    );
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 409)) throw error;
  }
}
