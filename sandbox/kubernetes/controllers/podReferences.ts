import type { Container, SecretKeySelector, Volume } from "./kinds";
import type { Pod } from "./replicas";
import type { ClusterState } from "./state";

/** Why a container doesn't start, as the kubelet writes it into `containerStatuses[].state.waiting`. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** A container's own settings: environment from Secrets and ConfigMaps, its user. */
export function configurationProblem(state: ClusterState, pod: Pod, container: Container): Waiting | undefined {
  const namespace = pod.metadata.namespace;
  const problem = (message: string): Waiting => ({ reason: "CreateContainerConfigError", message });
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef && !secretRef.optional && !state.get("Secret", namespace, secretRef.name ?? "")) {
      return problem(`secret "${secretRef.name ?? ""}" not found`);
    }
    if (configMapRef && !configMapRef.optional && !state.get("ConfigMap", namespace, configMapRef.name ?? "")) {
      return problem(`configmap "${configMapRef.name ?? ""}" not found`);
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    const missing =
      keyProblem(state, namespace, "Secret", valueFrom?.secretKeyRef) ??
      keyProblem(state, namespace, "ConfigMap", valueFrom?.configMapKeyRef);
    if (missing) return problem(missing);
  }
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (nonRoot && user === 0) {
    return problem(
      `container's runAsUser breaks non-root policy (pod: "${pod.metadata.name}", container: ${container.name})`,
    );
  }
  return undefined;
}

/** Volumes that cannot be mounted keep every container of the pod waiting. */
export function volumeProblem(state: ClusterState, pod: Pod): Waiting | undefined {
  const namespace = pod.metadata.namespace;
  for (const volume of pod.spec.volumes ?? []) {
    for (const source of sources(volume)) {
      if (source.optional) continue;
      const object = state.get(source.kind, namespace, source.name);
      const kind = source.kind.toLowerCase();
      const failed = `MountVolume.SetUp failed for volume "${volume.name}" : `;
      if (!object) return { reason: "ContainerCreating", message: `${failed}${kind} "${source.name}" not found` };
      const keys = keysOf(object);
      const missing = source.keys.find((key) => !keys.has(key));
      if (missing !== undefined) {
        return { reason: "ContainerCreating", message: `${failed}references non-existent ${kind} key: ${missing}` };
      }
    }
  }
  return undefined;
}

/** A pull secret that doesn't exist: the registry is asked without it, and a private one refuses. */
export function pullProblem(state: ClusterState, pod: Pod, image: string): Waiting | undefined {
  const missing = (pod.spec.imagePullSecrets ?? []).find(
    ({ name }) => !state.get("Secret", pod.metadata.namespace, name ?? ""),
  );
  return missing
    ? {
        reason: "ImagePullBackOff",
        message: `Back-off pulling image "${image}": unable to retrieve image pull secret "${missing.name ?? ""}"`,
      }
    : undefined;
}

function keyProblem(
  state: ClusterState,
  namespace: string | undefined,
  kind: "Secret" | "ConfigMap",
  reference: SecretKeySelector | undefined,
): string | undefined {
  if (!reference || reference.optional) return undefined;
  const name = reference.name ?? "";
  const object = state.get(kind, namespace, name);
  if (!object) return `${kind.toLowerCase()} "${name}" not found`;
  return keysOf(object).has(reference.key)
    ? undefined
    : `couldn't find key ${reference.key} in ${kind} ${namespace ?? ""}/${name}`;
}

interface Source {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
  readonly keys: readonly string[];
  readonly optional: boolean | undefined;
}

function sources(volume: Volume): Source[] {
  const { secret, configMap, projected } = volume;
  return [
    ...(secret ? [{ kind: "Secret" as const, ...secret, name: secret.secretName }] : []),
    ...(configMap ? [{ kind: "ConfigMap" as const, ...configMap }] : []),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...(source.secret ? [{ kind: "Secret" as const, ...source.secret }] : []),
      ...(source.configMap ? [{ kind: "ConfigMap" as const, ...source.configMap }] : []),
    ]),
  ].map(({ kind, name, items, optional }) => ({
    kind,
    name: name ?? "",
    keys: (items ?? []).map(({ key }) => key),
    optional,
  }));
}

function keysOf(object: { data?: Record<string, string>; binaryData?: Record<string, string> } | object): Set<string> {
  const { data, binaryData } = object as { data?: Record<string, string>; binaryData?: Record<string, string> };
  return new Set([...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})]);
}
