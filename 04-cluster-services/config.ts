import { defineConfig, kinds, readConfig, setting } from "@selfhosted/common";

/** EKS add-ons that this stack knows; those without which no node becomes ready are 03-cluster's. */
const addonNames = ["coredns", "aws-ebs-csi-driver", "metrics-server", "snapshot-controller"] as const;

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("clusterServices", {
  settings: {
    addons: setting.defaulted(
      kinds.list(kinds.oneOf(...addonNames)),
      ["coredns", "aws-ebs-csi-driver", "metrics-server"],
      "EKS add-ons to install",
    ),
    addonVersions: setting.defaulted(
      kinds.record(kinds.version("v1.13.1-eksbuild.1"), { coredns: "v1.13.1-eksbuild.1" }),
      {},
      "versions of add-ons, where not the newest",
    ),
    chartVersions: setting.defaulted(
      kinds.record(kinds.version("3.5.0"), { "aws-load-balancer-controller": "3.5.0" }),
      {},
      "versions of charts, where not the table's",
    ),
    chartRegistry: setting.optional(
      kinds.matching(
        /^oci:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[\w./-]+)?$/,
        "must be an address like oci://registry.example.com/charts",
        "oci://registry.example.com/charts",
      ),
      "registry that holds copies of the charts",
    ),
    imageRegistry: setting.optional(
      kinds.matching(
        /^[a-z0-9.-]+(?::\d+)?(?:\/[\w./-]+)?$/,
        "must be a registry like registry.example.com or registry.example.com/mirror",
        "registry.example.com/mirror",
      ),
      "registry that holds copies of the charts' images",
    ),
    services: setting.defaulted(
      kinds.list(kinds.oneOf("cert-manager", "external-secrets", "log-shipping")),
      [],
      "optional services to install",
    ),
    podLogRetentionDays: setting.defaulted(kinds.logRetentionDays(), 30, "how long to keep the pods' logs"),
    autoscaling: setting.defaulted(
      kinds.oneOf("cluster-autoscaler", "karpenter", "none"),
      "cluster-autoscaler",
      "what adds and removes nodes",
    ),
    nodePools: setting.defaulted(
      kinds.list(kinds.oneOf("stateful", "stateless", "gpu")),
      ["stateful", "stateless"],
      "kinds of nodes that Karpenter may make",
    ),
    nodePoolCpuLimit: setting.defaulted(
      kinds.integer(1, 100_000),
      64,
      "most processors that the nodes of one pool have together",
    ),
    nodePoolArchitecture: setting.defaulted(
      kinds.oneOf("amd64", "arm64"),
      "amd64",
      "processor of the nodes that Karpenter makes",
    ),
  },
  needs: {
    iam: {
      groups: [
        {
          when: (_settings, given) => !given.has("loadBalancerControllerVersion"),
          outputs: ["loadBalancerControllerRoleArn"],
        },
        { when: (settings) => settings.addons.includes("aws-ebs-csi-driver"), outputs: ["ebsCsiRoleArn"] },
        { when: (settings) => settings.autoscaling === "cluster-autoscaler", outputs: ["clusterAutoscalerRoleArn"] },
        { when: (settings) => settings.services.includes("external-secrets"), outputs: ["externalSecretsRoleArn"] },
        { when: (settings) => settings.services.includes("log-shipping"), outputs: ["logShipperRoleArn"] },
        {
          when: (settings) => settings.autoscaling === "karpenter",
          outputs: ["karpenterControllerRoleArn", "nodeRoleArn"],
        },
      ],
    },
    networking: {
      groups: [
        { when: (_settings, given) => !given.has("loadBalancerControllerVersion"), outputs: ["vpcId"] },
        {
          when: (settings) => settings.autoscaling === "karpenter",
          outputs: ["privateSubnetIds", "workloadSecurityGroupId"],
        },
      ],
    },
    cluster: ["clusterName", "clusterVersion", "kubeconfig"],
  },
});

/** Reads and checks the configuration; see `readConfig`. */
export const readClusterServicesConfig = () => readConfig(spec);

/** What the rest of this stack works from. */
export type ClusterServicesConfig = Awaited<ReturnType<typeof readClusterServicesConfig>>;
