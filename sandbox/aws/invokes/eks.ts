import { AwsError } from "../errors";
import { addons, defaultAddonVersion } from "../eks/addons";
import { CLUSTER } from "../eks/clusterRules";
import { availableVersions } from "../eks/versions";
import type { Invoke } from "../record";
import { text } from "../values";
import { lookedUp } from "./lookup";

/** Look-ups in EKS. */
export const eksInvokes: Readonly<Record<string, Invoke>> = {
  "aws:eks/getCluster:getCluster": (args, context) => {
    const name = text(args.name) ?? "";
    const cluster = lookedUp(context, CLUSTER, (object) => object.id === name, {
      code: "ResourceNotFoundException",
      message: `No cluster found for name: ${name}.`,
      source: "https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html",
    });
    const certificateAuthorities = [cluster.properties.certificateAuthority ?? {}];
    const { computeConfig, accessConfig, tagsAll } = cluster.properties;
    return {
      ...args,
      ...cluster.properties,
      id: name,
      certificateAuthorities,
      computeConfigs: computeConfig === undefined ? [] : [computeConfig],
      accessConfigs: accessConfig === undefined ? [] : [accessConfig],
      tags: tagsAll ?? {},
    };
  },

  "aws:eks/getAddonVersion:getAddonVersion": (args) => {
    const name = text(args.addonName) ?? "";
    const version = defaultAddonVersion(name, text(args.kubernetesVersion) ?? "");
    if (version === undefined || !availableVersions().includes(text(args.kubernetesVersion) ?? "")) {
      throw new AwsError(
        "InvalidParameterException",
        `no version of add-on "${name}" for Kubernetes ${text(args.kubernetesVersion) ?? ""}: known are ${Object.keys(addons).join(", ")}, for ${availableVersions().join(", ")}`,
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html",
      );
    }
    return { ...args, id: name, version };
  },
};
