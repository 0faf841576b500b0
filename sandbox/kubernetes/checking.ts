import { createHash } from "node:crypto";
import { UNKNOWN, type Identity, type Properties } from "../provider/types";
import { resourceType } from "./discovery";
import { metadataOf, type KindOf } from "./objects";
import type { Connection } from "./connection";

/** Kinds without a namespace, for when no server can be asked (Kubernetes API reference). */
const clusterScoped = new Set(
  (
    "Namespace Node PersistentVolume ClusterRole ClusterRoleBinding StorageClass PriorityClass IngressClass RuntimeClass " +
    "CustomResourceDefinition APIService CSIDriver CSINode VolumeAttachment ValidatingWebhookConfiguration " +
    "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding EC2NodeClass NodePool " +
    "IngressClassParams ClusterIssuer ClusterSecretStore"
  ).split(" "),
);

/** Annotation by which Pulumi's Kubernetes provider knows names that it gave itself. */
const AUTONAMED = "pulumi.com/autonamed";

/** Inputs as they are recorded and sent: with `apiVersion` and `kind`, a name and a namespace. */
export async function completeInputs(
  { name }: Identity,
  kind: KindOf,
  inputs: Properties,
  previous: Properties | undefined,
  connection: Connection | undefined,
  seed: Buffer,
): Promise<Properties> {
  const completed: Properties = { ...inputs, apiVersion: kind.apiVersion, kind: kind.kind };
  if (inputs["metadata"] === UNKNOWN) return completed;
  const metadata = { ...metadataOf(inputs) };
  if (metadata.name === undefined && metadata.generateName === undefined && !kind.isPatch) {
    const before = previous ? metadataOf(previous) : undefined;
    metadata.name = isAutonamed(previous) ? before?.name : autoname(name, seed);
    metadata.annotations = { ...metadata.annotations, [AUTONAMED]: "true" };
  }
  if (metadata.namespace === undefined && (await isNamespaced(kind, connection))) {
    metadata.namespace = connection?.namespace ?? "default";
  }
  return { ...completed, metadata: { ...metadata } as Properties };
}

/** Whether these are inputs to which the provider gave the name. */
export function isAutonamed(inputs: Properties | undefined): boolean {
  return inputs !== undefined && metadataOf(inputs).annotations?.[AUTONAMED] === "true";
}

/** The logical name and eight hexadecimal digits, as Pulumi's provider names objects. */
export function autoname(logicalName: string, seed: Buffer): string {
  const random = createHash("sha256").update(seed).update(logicalName).digest("hex");
  return `${logicalName.toLowerCase()}-${random.slice(0, 8)}`;
}

async function isNamespaced({ apiVersion, kind }: KindOf, connection: Connection | undefined): Promise<boolean> {
  const type = connection && (await resourceType(connection.client, apiVersion, kind));
  return type ? type.namespaced : !clusterScoped.has(kind);
}
