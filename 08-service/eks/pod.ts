import path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { shared, type PodRole } from "@selfhosted/common";
import { SCRATCH_MIB, type Component } from "../components";
import type { ServiceConfig } from "../config";
import type { ExtraVolume } from "../extras";
import { labels, selectorLabels, type Place } from "./namespace";
import { keyOf, makeSecret } from "./secrets";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** What a component's pods need to be there first. */
export interface PodParts {
  readonly template: k8s.types.input.core.v1.PodTemplateSpec;
  readonly dependsOn: readonly pulumi.Resource[];
  /** Changes with every secret value, so that pods roll; 12 hexadecimal digits that tell nothing about them. */
  readonly checksum: pulumi.Output<string>;
}

/**
 * One component's pod, its service account and its Secret: it runs as nobody in particular, on a read-only root, without
 * capabilities and without a token for the Kubernetes API. `more` adds what only some components have.
 */
export function makePod(
  config: ServiceConfig,
  place: Place,
  component: Component,
  salt: pulumi.Input<string>,
  more: { readonly container?: Partial<Container>; readonly pod?: Partial<PodSpec>; readonly role?: PodRole },
): PodParts {
  const { settings } = config;
  const { userId } = component;
  const serviceAccount =
    more.pod?.serviceAccountName === undefined
      ? [
          new k8s.core.v1.ServiceAccount(
            component.name,
            {
              metadata: place.base.metadata(component.name, component.name, more.role?.annotations),
              automountServiceAccountToken: false,
            },
            place.base.after(),
          ),
        ]
      : [];
  const { environment, pod } = component;
  const files = Object.entries(component.files ?? {});
  const { checksum, dependsOn } = makeSecret(config, place.base, component, salt);
  const extra = extraVolumes(pod?.volumes);
  const container: Container = {
    name: component.name,
    image: component.image,
    command: component.command && [...component.command],
    env: [
      ...Object.entries(environment.plain).map(([name, value]) => ({ name, value })),
      ...[...Object.keys(environment.secret), ...Object.keys(environment.kept)].map((name) => {
        const { secretName, key } = keyOf(component.name, name, environment.kept[name]);
        return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
      }),
    ],
    resources: {
      requests: { cpu: `${component.resources.cpu}m`, memory: `${component.resources.memory}Mi` },
      // Memory is asked for in full, so that a pod is never killed for what it was promised; CPU may burst.
      limits: { cpu: `${component.resources.cpu * 2}m`, memory: `${component.resources.memory}Mi` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    // The end of the log of a container that failed is told by whoever asks why: `pulumi up`, `kubectl describe`.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...files.map(([file]) => ({ name: volumeOf(file), mountPath: path.dirname(file), readOnly: true })),
      ...extra.mounts,
    ],
    ...more.container,
  };
  const template = {
    metadata: {
      labels: { ...labels(component.name), ...pod?.podLabels },
      annotations: {
        "pulumi-selfhosted/secrets-checksum": checksum,
        // A pod learns how it gets its role when it starts, so it is replaced when that changes.
        ...more.role?.annotations,
        ...pod?.podAnnotations,
      },
    },
    spec: {
      serviceAccountName: component.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: userId,
        runAsGroup: userId,
        fsGroup: userId,
        seccompProfile: { type: "RuntimeDefault" },
      },
      priorityClassName: settings.priorityClassName,
      imagePullSecrets: settings.imagePullSecretName ? [{ name: settings.imagePullSecretName }] : undefined,
      tolerations: [
        { key: shared.serviceNodes.key, operator: "Equal", value: shared.serviceNodes.value, effect: "NoSchedule" },
      ],
      affinity: nodeAffinity(),
      containers: [container],
      volumes: [
        { name: "tmp", emptyDir: { sizeLimit: `${SCRATCH_MIB}Mi` } },
        ...files.map(([file, one]) => {
          const name = path.basename(file);
          const { secretName, key } = keyOf(component.name, name, "kept" in one ? one.kept : undefined);
          return { name: volumeOf(file), secret: { secretName, items: [{ key, path: name }] } };
        }),
        ...extra.volumes,
      ],
      ...more.pod,
    },
  };
  return { template, checksum, dependsOn: [...serviceAccount, ...dependsOn, ...(more.role?.resources ?? [])] };
}

/** Name of a file's volume, which takes no dots. */
function volumeOf(file: string): string {
  return path.basename(file).replaceAll(".", "-");
}

/** Volumes that `extras` asks for; named by their place in the list, which is theirs alone in the pod. */
function extraVolumes(volumes: readonly ExtraVolume[] = []) {
  return {
    volumes: volumes.map(({ volume }, index) => ({ name: `extra-${index}`, ...volume })),
    mounts: volumes.map(({ mountPath, subPath, readOnly = true }, index) => ({
      ...{ name: `extra-${index}`, mountPath, subPath, readOnly },
    })),
  };
}

/** Preferred, not required: in a cluster that has no nodes set aside for the service it runs on the others. */
function nodeAffinity(): k8s.types.input.core.v1.Affinity {
  const { key, value } = shared.serviceNodes;
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchExpressions: [{ key, operator: "In", values: [value] }] } },
      ],
    },
  };
}

/** Spreads a component's pods over zones, and as well as it can over nodes. */
export function spread(name: string): k8s.types.input.core.v1.TopologySpreadConstraint[] {
  const of = (topologyKey: string, whenUnsatisfiable: string) => ({
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    labelSelector: { matchLabels: selectorLabels(name) },
    // Only pods of one version count, or a rollout would be spread around the pods that it replaces.
    matchLabelKeys: ["pod-template-hash"],
    nodeTaintsPolicy: "Honor",
  });
  return [of("topology.kubernetes.io/zone", "DoNotSchedule"), of("kubernetes.io/hostname", "ScheduleAnyway")];
}
