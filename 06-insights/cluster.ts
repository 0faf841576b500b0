import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { asked, shared } from "@selfhosted/common";
import { charts, chartSource, parseImage } from "@selfhosted/common/images";
import { chartProvider, clusterProvider, dyingWithCluster } from "@selfhosted/common/kubernetes";
import { stringify } from "yaml";
import { makeCertificates, NODE_NAME } from "./certificates";
import type { InsightsConfig } from "./config";
import { ADMIN, makePassword } from "./credentials";
import { makeNetworkPolicy, ports } from "./networkPolicy";

const NAMESPACE = shared.searchNamespace;
/** Name of the release and of all that the chart makes; clients reach it under this name. */
const NAME = "opensearch";
/** Where the image looks for certificates, relative to its configuration. */
const CERTIFICATES = "certificates";
/** User and group of the image's process. */
const USER = 1000;

/** OpenSearch in the EKS cluster, by its project's chart, in a namespace of its own; returns its login. */
export function makeCluster(config: InsightsConfig) {
  const { settings, upstream } = config;
  const clusterName = asked(upstream.cluster.clusterName, "clusterName");
  const kubeconfig = asked(upstream.cluster.kubeconfig, "kubeconfig");
  const storageClassName = asked(upstream.clusterServices.storageClassName, "storageClassName");
  const provider = clusterProvider(kubeconfig, clusterName);
  const objects = { ...dyingWithCluster(kubeconfig), provider, protect: settings.protect };
  const namespace = new k8s.core.v1.Namespace(
    "search",
    { metadata: { name: NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    objects,
  );
  const inside = { ...objects, dependsOn: [namespace] };
  const host = `${NAME}.${NAMESPACE}.svc.cluster.local`;
  const certificates = makeCertificates([
    host,
    `${NAME}.${NAMESPACE}.svc`,
    `*.${NAME}-headless.${NAMESPACE}.svc.cluster.local`,
    "localhost",
  ]);
  const password = makePassword();
  const files = new k8s.core.v1.Secret(
    "certificates",
    {
      metadata: { name: `${NAME}-certificates`, namespace: NAMESPACE },
      stringData: {
        "ca.crt": certificates.authority,
        "tls.crt": certificates.certificate,
        "tls.key": certificates.key,
      },
    },
    inside,
  );
  const users = new k8s.core.v1.Secret(
    "users",
    {
      metadata: { name: `${NAME}-users`, namespace: NAMESPACE },
      stringData: { "internal_users.yml": pulumi.secret(password.bcryptHash.apply(internalUsers)) },
    },
    inside,
  );
  const policy = makeNetworkPolicy(NAMESPACE, inside);
  const chart = charts.opensearch;
  new k8s.helm.v3.Release(
    "search",
    {
      name: NAME,
      namespace: NAMESPACE,
      ...chartSource(chart, settings.chartRegistry),
      version: chart.version,
      atomic: true,
      // Seconds. Volumes are made, a large image is pulled, and nodes find each other.
      timeout: 900,
      values: values(config, storageClassName, certificates.certificate),
    },
    { provider: chartProvider(kubeconfig), protect: settings.protect, dependsOn: [files, users, policy] },
  );
  return {
    searchEndpoint: `https://${host}:${ports.http}`,
    searchUsername: ADMIN,
    searchPassword: pulumi.secret(password.result),
  };
}

function values({ settings }: InsightsConfig, storageClass: string, certificate: pulumi.Output<string>) {
  const { clusterNodes, clusterNodeMemory, volumeSize, imageRegistry } = settings;
  const { registry, path, tag } = parseImage(charts.opensearch.images.opensearch, imageRegistry);
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true };
  const heap = `${clusterNodeMemory * 512}m`;
  return {
    fullnameOverride: NAME,
    masterService: NAME,
    clusterName: NAMESPACE,
    replicas: clusterNodes,
    singleNode: clusterNodes === 1,
    image: { repository: `${registry}/${path}`, tag },
    // Half for the heap, half for the files that the kernel keeps at hand. Source: OpenSearch documentation, installation.
    opensearchJavaOpts: `-Xms${heap} -Xmx${heap}`,
    resources: {
      requests: { cpu: "500m", memory: `${clusterNodeMemory}Gi` },
      limits: { memory: `${clusterNodeMemory}Gi` },
    },
    persistence: { enabled: true, size: `${volumeSize}Gi`, storageClass, enableInitChown: false },
    podSecurityContext: {
      fsGroup: USER,
      runAsUser: USER,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    securityContext: { ...restricted, runAsUser: USER },
    antiAffinity: "soft",
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/instance": NAME } },
      },
    ],
    // No demonstration certificates, users and passwords.
    extraEnvs: [{ name: "DISABLE_INSTALL_DEMO_CONFIG", value: "true" }],
    secretMounts: [
      { name: CERTIFICATES, secretName: `${NAME}-certificates`, path: `/usr/share/opensearch/config/${CERTIFICATES}` },
    ],
    securityConfig: { internalUsersSecret: `${NAME}-users` },
    // A renewed certificate rolls the nodes.
    podAnnotations: { "pulumi-selfhosted/certificate": certificate.apply(digest) },
    config: { "opensearch.yml": stringify(opensearch()) },
  };
}

/** The nodes' configuration; what the chart says by variables isn't repeated. */
function opensearch(): Record<string, unknown> {
  const tls = {
    pemcert_filepath: `${CERTIFICATES}/tls.crt`,
    pemkey_filepath: `${CERTIFICATES}/tls.key`,
    pemtrustedcas_filepath: `${CERTIFICATES}/ca.crt`,
    enabled_protocols: ["TLSv1.2", "TLSv1.3"],
  };
  return {
    // Maps no files, so it asks nothing of the host's kernel (vm.max_map_count), which an unprivileged pod can't set.
    "node.store.allow_mmap": false,
    "plugins.security": {
      ssl: {
        // Nodes know each other by their certificate's subject; their addresses change.
        transport: { ...tls, enforce_hostname_verification: false },
        http: { ...tls, enabled: true },
      },
      nodes_dn: [`CN=${NODE_NAME}`],
      allow_default_init_securityindex: true,
      "restapi.roles_enabled": ["all_access", "security_rest_api_access"],
      "system_indices.enabled": true,
    },
  };
}

/** The one user there is; the role `admin` has all access by the image's own mapping. */
function internalUsers(hash: string): string {
  return stringify({
    _meta: { type: "internalusers", config_version: 2 },
    [ADMIN]: { hash, reserved: true, backend_roles: ["admin"], description: "Pulumi's service" },
  });
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
