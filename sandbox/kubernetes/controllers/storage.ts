import { createHash } from "node:crypto";
import type { Kinds, Live } from "./kinds";
import type { ClusterState } from "./state";

const CLAIM_PROTECTION = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION = "kubernetes.io/pv-protection";

/** What each provisioner needs to be installed as on EKS: an add-on of this name. */
const drivers: Readonly<Record<string, string>> = {
  "ebs.csi.aws.com": "aws-ebs-csi-driver",
  "kubernetes.io/aws-ebs": "aws-ebs-csi-driver",
  "efs.csi.aws.com": "aws-efs-csi-driver",
};

/**
 * Gives every claim a volume when its class's driver is installed, as soon as a pod uses it where the class says so; and
 * lets claims and volumes go that nothing uses any more (the volume and volume-protection controllers).
 */
export async function provideVolumes(state: ClusterState, addons: Readonly<Record<string, string>>): Promise<void> {
  for (const claim of state.list("PersistentVolumeClaim")) {
    const users = state
      .list("Pod")
      .filter((pod) => pod.metadata.namespace === claim.metadata.namespace)
      .filter((pod) =>
        pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claim.metadata.name),
      );
    if (claim.metadata.deletionTimestamp) {
      const finalizers = claim.metadata.finalizers?.filter((finalizer) => finalizer !== CLAIM_PROTECTION);
      if (users.length === 0) await state.patch("PersistentVolumeClaim", claim, { metadata: { finalizers } });
    } else if (claim.status?.phase !== "Bound") {
      await bindClaim(state, claim, users.length > 0, addons);
    }
  }
  for (const volume of state.list("PersistentVolume")) {
    const { claimRef } = volume.spec;
    const claim = state.get("PersistentVolumeClaim", claimRef?.namespace, claimRef?.name ?? "");
    if (volume.metadata.deletionTimestamp) {
      const finalizers = volume.metadata.finalizers?.filter((finalizer) => finalizer !== VOLUME_PROTECTION);
      if (!claim) await state.patch("PersistentVolume", volume, { metadata: { finalizers } });
    } else if (claimRef && !claim) {
      if (volume.spec.persistentVolumeReclaimPolicy === "Delete") await state.remove("PersistentVolume", volume);
      else await state.writeStatus("PersistentVolume", volume, { phase: "Released" });
    }
  }
}

async function bindClaim(
  state: ClusterState,
  claim: Live<Kinds["PersistentVolumeClaim"]>,
  used: boolean,
  addons: Readonly<Record<string, string>>,
): Promise<void> {
  const storageClass = state.get("StorageClass", undefined, claim.spec.storageClassName ?? "");
  if (!storageClass || (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !used)) return;
  const addon = drivers[storageClass.provisioner];
  if (addon !== undefined && addons[addon] === undefined) return;
  const name = `pvc-${claim.metadata.uid ?? ""}`;
  const volumeHandle = `vol-${createHash("sha256").update(name).digest("hex").slice(0, 17)}`;
  const { namespace, name: claimName, uid } = claim.metadata;
  const capacity = { storage: claim.spec.resources?.requests?.["storage"] };
  if (!state.get("PersistentVolume", undefined, name)) {
    const created = await state.create("PersistentVolume", {
      metadata: { name },
      spec: {
        capacity,
        accessModes: claim.spec.accessModes,
        volumeMode: claim.spec.volumeMode,
        storageClassName: storageClass.metadata.name,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claimName, uid },
        csi: { driver: "ebs.csi.aws.com", volumeHandle, fsType: "ext4" },
      },
    });
    if (typeof created === "string") return;
    await state.writeStatus("PersistentVolume", created, { phase: "Bound" });
  }
  await state.patch("PersistentVolumeClaim", claim, { spec: { volumeName: name } });
  const bound = state.get("PersistentVolumeClaim", namespace, claimName);
  if (bound) {
    await state.writeStatus("PersistentVolumeClaim", bound, {
      phase: "Bound",
      capacity,
      accessModes: claim.spec.accessModes,
    });
  }
}
