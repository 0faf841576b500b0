import type { ReleaseRequest } from "./charts";
import type { KubernetesObject } from "./rest";

/** The values of the chart that the sandbox looks at. Source: the chart's values.yaml, version 2.37.0. */
interface Values {
  readonly clusterName?: string;
  readonly nodeGroup?: string;
  readonly fullnameOverride?: string;
  readonly masterService?: string;
  readonly singleNode?: boolean;
  readonly replicas?: number;
  readonly image?: { readonly repository?: string; readonly tag?: string };
  readonly persistence?: {
    readonly enabled?: boolean;
    readonly enableInitChown?: boolean;
    readonly storageClass?: string;
    readonly size?: string;
  };
  readonly sysctlInit?: { readonly enabled?: boolean };
  readonly podSecurityContext?: object;
  readonly securityContext?: object;
  readonly resources?: object;
  readonly podAnnotations?: object;
  readonly topologySpreadConstraints?: readonly object[];
  readonly nodeSelector?: object;
  readonly tolerations?: readonly object[];
  readonly extraEnvs?: readonly object[];
  readonly secretMounts?: readonly { readonly name: string; readonly secretName: string; readonly path: string }[];
  readonly securityConfig?: { readonly internalUsersSecret?: string };
  readonly config?: Readonly<Record<string, string>>;
}

const HOME = "/usr/share/opensearch";
/** What containers may do unless the values say otherwise; too much for Pod Security's level `restricted`. */
const SECURITY = { capabilities: { drop: ["ALL"] }, runAsNonRoot: true, runAsUser: 1000 };
const PORTS = { http: 9200, transport: 9300, metrics: 9600 };

/** The chart's StatefulSet with all that its pods mount, its two Services, its ConfigMap and its disruption budget. */
export function renderOpenSearch(release: ReleaseRequest): KubernetesObject[] {
  const values = release.values as Values;
  const name =
    values.fullnameOverride ?? `${values.clusterName ?? "opensearch-cluster"}-${values.nodeGroup ?? "master"}`;
  const service = values.masterService ?? "opensearch-cluster-master";
  const selector = { "app.kubernetes.io/name": "opensearch", "app.kubernetes.io/instance": release.name };
  const metadata = (own: string) => ({
    name: own,
    namespace: release.namespace,
    labels: { ...selector, "app.kubernetes.io/managed-by": "Helm" },
  });
  const ports = Object.entries(PORTS).map(([port, number]) => ({ name: port, port: number }));
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata(`${name}-pdb`),
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: metadata(`${name}-config`), data: { ...values.config } },
    { apiVersion: "v1", kind: "Service", metadata: metadata(service), spec: { ports, selector } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata(`${service}-headless`),
      spec: { clusterIP: "None", publishNotReadyAddresses: true, ports, selector },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: metadata(name),
      spec: {
        serviceName: `${service}-headless`,
        replicas: values.singleNode ? 1 : (values.replicas ?? 3),
        podManagementPolicy: "Parallel",
        selector: { matchLabels: selector },
        volumeClaimTemplates: values.persistence?.enabled === false ? [] : [claim(name, values)],
        template: {
          metadata: { labels: selector, annotations: { ...values.podAnnotations } },
          spec: podSpec(name, values, release.version),
        },
      },
    },
  ];
}

function claim(name: string, { persistence }: Values) {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: persistence?.storageClass,
      resources: { requests: { storage: persistence?.size ?? "8Gi" } },
    },
  };
}

function podSpec(name: string, values: Values, version: string) {
  const image = `${values.image?.repository ?? "opensearchproject/opensearch"}:${values.image?.tag ?? version}`;
  const security = { ...SECURITY, ...values.securityContext };
  const data = { name, mountPath: `${HOME}/data` };
  const users = values.securityConfig?.internalUsersSecret;
  const configs = Object.keys(values.config ?? {});
  const mounts = values.secretMounts ?? [];
  return {
    automountServiceAccountToken: false,
    securityContext: values.podSecurityContext ?? { fsGroup: 1000, runAsUser: 1000 },
    nodeSelector: values.nodeSelector,
    tolerations: values.tolerations,
    topologySpreadConstraints: values.topologySpreadConstraints,
    initContainers: [
      // As root, to give the volume to the image's user.
      ...(values.persistence?.enableInitChown === false
        ? []
        : [
            {
              name: "fsgroup-volume",
              image: "busybox:latest",
              securityContext: { runAsUser: 0 },
              volumeMounts: [data],
            },
          ]),
      ...(values.sysctlInit?.enabled
        ? [{ name: "sysctl", image: "busybox:latest", securityContext: { runAsUser: 0, privileged: true } }]
        : []),
      ...(configs.length > 0
        ? [
            {
              name: "configfile",
              image,
              securityContext: security,
              volumeMounts: [{ name: "config-emptydir", mountPath: "/tmp/config/" }],
            },
          ]
        : []),
    ],
    containers: [
      {
        name: "opensearch",
        image,
        securityContext: security,
        resources: values.resources,
        env: [...(values.extraEnvs ?? [])],
        ports: Object.entries(PORTS).map(([port, containerPort]) => ({ name: port, containerPort })),
        volumeMounts: [
          ...(values.persistence?.enabled === false ? [] : [data]),
          ...mounts.map((mount) => ({ name: mount.name, mountPath: mount.path })),
          ...(users === undefined
            ? []
            : [
                {
                  name: "internal-users-config",
                  mountPath: `${HOME}/config/opensearch-security/internal_users.yml`,
                  subPath: "internal_users.yml",
                },
              ]),
          ...configs.map((file) => ({ name: "config-emptydir", mountPath: `${HOME}/config/${file}`, subPath: file })),
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: `${name}-config` } },
      { name: "config-emptydir", emptyDir: {} },
      ...mounts.map((mount) => ({ name: mount.name, secret: { secretName: mount.secretName } })),
      ...(users === undefined ? [] : [{ name: "internal-users-config", secret: { secretName: users } }]),
    ],
  };
}
