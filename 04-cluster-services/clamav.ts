import * as k8s from "@pulumi/kubernetes";
import { imageReference, images } from "@selfhosted/common/images";
import { onEveryNode } from "./charts";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeNamespace } from "./namespaces";

const NAMESPACE = "clamav";
const selector = { "app.kubernetes.io/name": "clamav" };

/** Seconds between two looks at what is new on a node. */
const INTERVAL_SECONDS = 300;

/** What is looked at on a node: the files of containers and the volumes of pods, and where people leave files. */
const PATHS = ["/var/lib/containerd", "/var/lib/kubelet/pods", "/home", "/root", "/tmp"];

/** Which user clamd runs as; the image's own needs root to begin with. */
const SCANNING_USER = 1000;

/**
 * Takes the files changed since the last round to clamd, by their change time, which nobody can set back. clamdscan
 * opens them and hands the open file over (`--fdpass`), so what parses foreign bytes sees nothing of the host and has no
 * rights there. Names of what it finds end in FOUND, for the log shipper to carry away.
 */
const ROUND = `
last=/work/last
touch -d 1970-01-01 "$last"
while sleep "$INTERVAL"; do
  touch /work/now
  find $(printf '/host%s ' $PATHS) -type f -newerct "$(date -r "$last" --iso-8601=seconds)" -size -100M >/work/files 2>/dev/null
  if [ -s /work/files ]; then
    clamdscan --config-file=/etc/clamav-node/clamd.conf --fdpass --infected --no-summary --file-list=/work/files
    # 1 says that something was found, 2 that it could not be looked at: then once more.
    [ "$?" -gt 1 ] && continue
  fi
  touch -r /work/now "$last"
done
`.trim();

/** ClamAV on every node, which looks at new files for malware. Source: https://docs.clamav.net/manual/Usage/Scanning.html */
export function makeClamav(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings } = config;
  // Privileged: the pods read the files of the host.
  const namespace = makeNamespace(cluster, NAMESPACE, "privileged");
  const after = { ...cluster.objects, dependsOn: [namespace] };
  const mirror = settings.clamavDatabaseMirror;
  const configuration = new k8s.core.v1.ConfigMap(
    "clamav",
    {
      metadata: { name: "clamav", namespace: NAMESPACE },
      data: {
        "clamd.conf": lines(
          "Foreground yes",
          "LocalSocket /run/clamav/clamd.sock",
          "LocalSocketMode 666",
          "DatabaseDirectory /var/lib/clamav",
          "TemporaryDirectory /tmp",
          // Two copies of the signatures would need twice the memory while they are renewed.
          "ConcurrentDatabaseReload no",
        ),
        "freshclam.conf": lines(
          "DatabaseDirectory /var/lib/clamav",
          "Checks 12",
          mirror === undefined ? "DatabaseMirror database.clamav.net" : `PrivateMirror ${mirror}`,
        ),
        "round.sh": ROUND,
      },
    },
    after,
  );
  const image = imageReference(images.clamav, settings.imageRegistry);
  const shared = [
    { name: "socket", mountPath: "/run/clamav" },
    { name: "configuration", mountPath: "/etc/clamav-node", readOnly: true },
  ];
  const confined = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
  const fresh = "freshclam --config-file=/etc/clamav-node/freshclam.conf";
  new k8s.apps.v1.DaemonSet(
    "clamav",
    {
      metadata: { name: "clamav", namespace: NAMESPACE, labels: selector },
      spec: {
        selector: { matchLabels: selector },
        updateStrategy: { rollingUpdate: { maxUnavailable: "25%" } },
        template: {
          metadata: { labels: selector },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...onEveryNode(),
            securityContext: { fsGroup: SCANNING_USER, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "clamd",
                image,
                command: [
                  "sh",
                  "-c",
                  `${fresh} --stdout && ${fresh} --daemon && exec clamd -c /etc/clamav-node/clamd.conf`,
                ],
                // Signatures take about 1.3 GiB. Source: https://docs.clamav.net/#recommended-system-requirements
                resources: { requests: { cpu: "50m", memory: "1536Mi" }, limits: { memory: "2Gi" } },
                securityContext: {
                  ...confined,
                  runAsNonRoot: true,
                  runAsUser: SCANNING_USER,
                  runAsGroup: SCANNING_USER,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [
                  ...shared,
                  { name: "signatures", mountPath: "/var/lib/clamav" },
                  { name: "temporary", mountPath: "/tmp" },
                ],
              },
              {
                name: "scanner",
                image,
                command: ["sh", "/etc/clamav-node/round.sh"],
                env: [
                  { name: "INTERVAL", value: String(INTERVAL_SECONDS) },
                  { name: "PATHS", value: PATHS.join(" ") },
                ],
                resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
                // Root that may read every file, and nothing else.
                securityContext: {
                  ...confined,
                  runAsUser: 0,
                  capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
                },
                volumeMounts: [
                  ...shared,
                  { name: "work", mountPath: "/work" },
                  // Volumes that are mounted on the node later, too.
                  { name: "host", mountPath: "/host", readOnly: true, mountPropagation: "HostToContainer" },
                ],
              },
            ],
            volumes: [
              { name: "configuration", configMap: { name: configuration.metadata.name } },
              { name: "socket", emptyDir: {} },
              { name: "signatures", emptyDir: { sizeLimit: "2Gi" } },
              { name: "temporary", emptyDir: { sizeLimit: "1Gi" } },
              { name: "work", emptyDir: { sizeLimit: "1Gi" } },
              { name: "host", hostPath: { path: "/", type: "Directory" } },
            ],
          },
        },
      },
    },
    { ...cluster.objects, dependsOn: [namespace, configuration] },
  );
}

function lines(...texts: string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
