import {
  checkPodRoles,
  contract,
  defineConfig,
  previousOutputs,
  Problems,
  readConfig,
  type OutputName,
} from "@selfhosted/common";
import { warnOfShutDoor } from "@selfhosted/common/clusterAccess";
import { checkDelivery } from "@selfhosted/common/delivery";
import { checkKeys } from "./checks";
import { settings, type ServiceName } from "./settings";

/** A role that is asked for when a service is on. */
const withService = <const R extends OutputName<"iam">>(service: ServiceName, role: R) => ({
  when: ({ services }: { readonly services: readonly ServiceName[] }) => services.includes(service),
  outputs: [role, "podCredentials"] as const,
});

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("clusterServices", {
  settings,
  needs: {
    iam: {
      groups: [
        {
          when: (_settings, given) => !given.has("loadBalancerControllerVersion"),
          outputs: ["loadBalancerControllerRoleArn", "podCredentials"],
        },
        {
          when: ({ addons, autoscaling }) => addons.includes("aws-ebs-csi-driver") && autoscaling !== "auto-mode",
          outputs: ["ebsCsiRoleArn", "podCredentials"],
        },
        {
          when: ({ autoscaling }) => autoscaling === "cluster-autoscaler",
          outputs: ["clusterAutoscalerRoleArn", "podCredentials"],
        },
        {
          when: ({ autoscaling }) => autoscaling === "karpenter",
          outputs: ["karpenterControllerRoleArn", "nodeRoleArn", "podCredentials"],
        },
        { when: ({ autoscaling }) => autoscaling === "auto-mode", outputs: ["nodeRoleArn"] },
        withService("external-secrets", "externalSecretsRoleArn"),
        withService("external-dns", "externalDnsRoleArn"),
        withService("log-shipping", "logShipperRoleArn"),
        withService("telemetry", "telemetryRoleArn"),
        withService("velero", "veleroRoleArn"),
      ],
    },
    networking: {
      groups: [
        { when: (_settings, given) => !given.has("loadBalancerControllerVersion"), outputs: ["vpcId"] },
        {
          when: ({ autoscaling }) => autoscaling === "karpenter" || autoscaling === "auto-mode",
          outputs: ["privateSubnetIds", "workloadSecurityGroupId"],
        },
      ],
    },
    cluster: ["clusterName", "clusterVersion", "kubeconfig", "autoMode", "color"],
  },
});

/** Reads the configuration, checks keys against each other, and looks at the roles that pods are to get. */
export async function readClusterServicesConfig() {
  const config = await readConfig(spec);
  const problems = new Problems();
  checkKeys(config, problems);
  const before = await previousOutputs();
  const living = before["loadBalancerControllerVersion"] !== undefined;
  checkDelivery(living ? before : undefined, config.settings.deliver, problems);
  const { iam, cluster } = config.upstream;
  await Promise.all([
    checkPodRoles(iam, cluster.clusterName, config.caller, problems),
    warnOfShutDoor(cluster.kubeconfig),
  ]);
  problems.throwIfAny(contract.clusterServices.project);
  const { addons, autoscaling } = config.settings;
  // Source: https://docs.aws.amazon.com/eks/latest/userguide/automode.html (managed components)
  const broughtByEks: readonly string[] = autoscaling === "auto-mode" ? ["coredns", "aws-ebs-csi-driver"] : [];
  return { ...config, addons: addons.filter((name) => !broughtByEks.includes(name)) };
}

/** What the rest of this stack works from. */
export type ClusterServicesConfig = Awaited<ReturnType<typeof readClusterServicesConfig>>;
