import { shared, stateBucket } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import type * as pulumi from "@pulumi/pulumi";
import { imageOf, imageValues } from "./charts";
import { bindRole, colored, type Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { installChart } from "./installing";
import { makeNamespace } from "./namespaces";

/** Days that an overwritten or deleted object of a backup can still be brought back. */
const NONCURRENT_DAYS = 7;

/** User that the pods run as, as the image's own user has no number that Kubernetes could judge. */
const VELERO_USER = 65532;

/** Velero, which backs up what is in the cluster and snapshots its volumes, every day and on `velero backup create`. */
export function makeVelero(config: ClusterServicesConfig, cluster: Cluster): void {
  const { settings, caller } = config;
  const chart = charts.velero;
  const { namespace, serviceAccount, dependsOn } = bindRole(config, cluster, "veleroRoleArn");
  const place = makeNamespace(cluster, namespace, "restricted");
  const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  installChart(
    config,
    cluster,
    "velero",
    chart,
    {
      namespace,
      values: {
        image: imageValues(config, chart, "server"),
        initContainers: [
          {
            name: "aws",
            image: imageOf(config, chart, "plugin").reference,
            volumeMounts: [{ mountPath: "/target", name: "plugins" }],
            securityContext: confined,
          },
        ],
        containerSecurityContext: confined,
        podSecurityContext: {
          runAsNonRoot: true,
          runAsUser: VELERO_USER,
          fsGroup: VELERO_USER,
          seccompProfile: { type: "RuntimeDefault" },
        },
        serviceAccount: { server: serviceAccount },
        // The role comes with the pod, not from a file.
        credentials: { useSecret: false },
        configuration: {
          backupStorageLocation: [
            {
              name: "default",
              default: true,
              provider: "aws",
              bucket: settings.clusterBackupsBucketName ?? makeBucket(config),
              config: { region: caller.region },
            },
          ],
          volumeSnapshotLocation: [{ name: "default", provider: "aws", config: { region: caller.region } }],
        },
        schedules: {
          daily: {
            schedule: settings.clusterBackupSchedule,
            template: { ttl: `${settings.clusterBackupRetentionDays * 24}h`, includedNamespaces: ["*"] },
          },
        },
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
      },
    },
    [place, ...dependsOn],
  );
}

/** Encrypted by S3's own key: the cluster's goes with the cluster, and a backup must outlive it. */
function makeBucket(config: ClusterServicesConfig): pulumi.Output<string> {
  const { settings, names, tags, caller } = config;
  const bucket = stateBucket("backups", {
    bucketName: names.bucket(colored(config, shared.clusterBackupsBucket)),
    caller,
    tags,
    encryptionKey: undefined,
    protect: false,
    forceDestroy: settings.clusterBackupsForceDestroy,
    noncurrentDays: NONCURRENT_DAYS,
    accessLogsBucketName: undefined,
  });
  return bucket.bucket;
}
