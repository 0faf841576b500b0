import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import { kinds, type Problems } from "@selfhosted/common";
import { zoneCount, type NetworkingConfig } from "./config";
import { subnetPlan } from "./subnetPlan";

/**
 * Zones in which EKS puts no control plane, by id, since names differ from account to account.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html (subnet requirements)
 */
const ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

/**
 * The zones to span: those named in the configuration, or the first ones that EKS takes, in the order of their names. A
 * named zone that doesn't exist is a problem, and so is a region that has too few.
 */
export async function availabilityZones({ settings, caller }: NetworkingConfig, problems: Problems): Promise<string[]> {
  const usable = await aws.getAvailabilityZones({
    state: "available",
    excludeZoneIds: ZONES_WITHOUT_EKS,
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
  const names = [...usable.names].sort();
  for (const name of settings.availabilityZoneNames ?? []) {
    if (!names.includes(name)) {
      problems.add(`availabilityZoneNames: EKS can't use ${name}; region ${caller.region} has ${names.join(", ")}`);
    }
  }
  if (names.length < zoneCount(settings)) {
    problems.add(
      `region ${caller.region} has ${names.length} zones for EKS (${names.join(", ")}); run \`pulumi config set availabilityZones ${names.length}\``,
    );
  }
  return settings.availabilityZoneNames ?? names.slice(0, settings.availabilityZones);
}

/** The VPC with public, private and isolated subnets, and NAT as configured. */
export function makeVpc(config: NetworkingConfig, availabilityZoneNames: string[]): awsx.ec2.Vpc {
  const { settings, names, tags } = config;
  const plan = subnetPlan(kinds.parseCidr(settings.cidrBlock)?.prefix ?? 16, settings);
  const cluster = names.cluster();
  // Load balancers find their subnets by these tags, Karpenter finds the nodes' subnets.
  const shared = { ...tags, [`kubernetes.io/cluster/${cluster}`]: "shared" };
  // awsx names subnets, gateways and route tables after the component, so its name is the installation's.
  return new awsx.ec2.Vpc(cluster, {
    cidrBlock: settings.cidrBlock,
    availabilityZoneNames,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    natGateways: { strategy: settings.natGateways },
    subnetStrategy: "Auto",
    subnetSpecs: [
      {
        type: "Private",
        cidrMask: plan.private,
        tags: { ...shared, "kubernetes.io/role/internal-elb": "1", "karpenter.sh/discovery": cluster },
      },
      { type: "Public", cidrMask: plan.public, tags: { ...shared, "kubernetes.io/role/elb": "1" } },
      { type: "Isolated", cidrMask: plan.isolated, tags },
    ],
    tags,
  });
}
