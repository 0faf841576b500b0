import * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import { ComponentRoot } from "../construct";

/** What all add-ons of a cluster share. */
export interface AddonPlace {
  readonly cluster: aws.eks.Cluster;
  readonly parent: pulumi.Resource;
  readonly tags: eks.ClusterArgs["tags"];
  readonly dependsOn?: pulumi.Resource[];
}

type Options = Pick<
  NonNullable<eks.ClusterArgs["corednsAddonOptions"]>,
  "version" | "configurationValues" | "resolveConflictsOnCreate" | "resolveConflictsOnUpdate"
>;

/** One EKS add-on as `eks.Cluster` makes it: kept when the resource is deleted, its own settings winning. */
export function makeAddon(
  name: string,
  addonName: string,
  options: Options | undefined,
  { cluster, parent, tags, dependsOn }: AddonPlace,
  more: Partial<aws.eks.AddonArgs> = {},
): aws.eks.Addon {
  const newest = () =>
    aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion: cluster.version, mostRecent: true }, { parent })
      .version;
  const values = options?.configurationValues;
  return new aws.eks.Addon(
    name,
    {
      clusterName: cluster.name,
      addonName,
      addonVersion: options?.version ?? newest(),
      preserve: true,
      resolveConflictsOnCreate: options?.resolveConflictsOnCreate ?? "OVERWRITE",
      resolveConflictsOnUpdate: options?.resolveConflictsOnUpdate ?? "OVERWRITE",
      configurationValues: values === undefined ? undefined : pulumi.jsonStringify(values),
      tags,
      ...more,
    },
    { parent, dependsOn },
  );
}

type CniOptions = NonNullable<eks.ClusterArgs["vpcCniOptions"]>;

/**
 * Options that become environment variables of the CNI's agent, with the component's defaults.
 * Facts: github.com/pulumi/pulumi-eks, nodejs/eks/addons/cni-addon.ts, computeEnv
 */
const CNI_VARIABLES: readonly (readonly [option: keyof CniOptions, variable: string, byDefault?: string])[] = [
  ["nodePortSupport", "AWS_VPC_CNI_NODE_PORT_SUPPORT"],
  ["customNetworkConfig", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"],
  ["warmEniTarget", "WARM_ENI_TARGET", "1"],
  ["warmIpTarget", "WARM_IP_TARGET"],
  ["warmPrefixTarget", "WARM_PREFIX_TARGET"],
  ["enablePrefixDelegation", "ENABLE_PREFIX_DELEGATION"],
  ["logLevel", "AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG"],
  ["logFile", "AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log"],
  ["vethPrefix", "AWS_VPC_K8S_CNI_VETHPREFIX", "eni"],
  ["eniMtu", "AWS_VPC_ENI_MTU", "9001"],
  ["eniConfigLabelDef", "ENI_CONFIG_LABEL_DEF"],
  ["enablePodEni", "ENABLE_POD_ENI", "false"],
  ["cniConfigureRpfilter", "AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER"],
  ["cniCustomNetworkCfg", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"],
  ["cniExternalSnat", "AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"],
];

/** The VPC CNI, which is a component of its own in the package: `eks:index:VpcCniAddon`. */
export function makeVpcCni(name: string, options: CniOptions | undefined, place: AddonPlace): ComponentRoot {
  const component = new ComponentRoot("eks:index:VpcCniAddon", name, {
    parent: place.parent,
    dependsOn: place.dependsOn,
  });
  const configurationValues = pulumi.output(options).apply((given) => {
    const own = (given?.configurationValues ?? {}) as Record<string, object>;
    const variables = CNI_VARIABLES.flatMap(([option, variable, byDefault]): [string, string][] => {
      const value = given?.[option] ?? byDefault;
      return value === undefined || typeof value === "object" ? [] : [[variable, String(value)]];
    });
    const policy = given?.enableNetworkPolicy;
    return {
      ...(policy === undefined ? {} : { enableNetworkPolicy: String(policy) }),
      ...own,
      env: { ...Object.fromEntries(variables), ...own["env"] },
      init: { env: { DISABLE_TCP_EARLY_DEMUX: String(given?.disableTcpEarlyDemux ?? false) }, ...own["init"] },
    };
  });
  const addon = makeAddon(
    name,
    "vpc-cni",
    { ...options, version: options?.addonVersion, configurationValues },
    { ...place, parent: component, dependsOn: undefined },
    { serviceAccountRoleArn: options?.serviceAccountRoleArn },
  );
  component.publish({ addon });
  return component;
}
