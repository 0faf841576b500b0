import * as aws from "@pulumi/aws";
import { checkVpc, contract, Problems, reasonOf } from "@selfhosted/common";
import type { NetworkingConfig } from "./config";
import { checkRoutes } from "./givenRoutes";
import { FREE_ADDRESSES } from "./subnetPlan";

type GivenNetwork = NonNullable<NetworkingConfig["given"]["network"]>;

const tierOf = { publicSubnetIds: "public", privateSubnetIds: "private", isolatedSubnetIds: "isolated" } as const;
type Tier = keyof typeof tierOf;

/**
 * Looks at a network that another team made: it must exist, hold together, span two zones in each tier and have room.
 * AWS would say so only after minutes, one thing at a time.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkGivenNetwork(config: NetworkingConfig): Promise<void> {
  const { network, workloadSecurityGroupId } = config.given;
  if (!network) return;
  const problems = new Problems();
  const [publicSubnetIds, privateSubnetIds, isolatedSubnetIds] = await Promise.all([
    checkTier(network, "publicSubnetIds", problems),
    checkTier(network, "privateSubnetIds", problems),
    checkTier(network, "isolatedSubnetIds", problems),
    checkVpc(network.vpcId, problems),
    workloadSecurityGroupId === undefined
      ? undefined
      : checkSecurityGroup(network.vpcId, workloadSecurityGroupId, problems),
  ]);
  await checkRoutes({ vpcId: network.vpcId, publicSubnetIds, privateSubnetIds, isolatedSubnetIds }, config, problems);
  problems.throwIfAny(contract.networking.project);
}

/** Returns the ids of those subnets that exist in the VPC. */
async function checkTier(network: GivenNetwork, tier: Tier, problems: Problems): Promise<string[]> {
  const subnets = await Promise.all(
    network[tier].map((id) => found(() => aws.ec2.getSubnet({ id }), `${tier}: no subnet ${id} can be read`, problems)),
  );
  const needed = FREE_ADDRESSES[tierOf[tier]];
  const known = subnets.filter((subnet) => subnet !== undefined);
  for (const subnet of known) {
    if (subnet.vpcId !== network.vpcId) {
      problems.add(`${tier}: ${subnet.id} belongs to ${subnet.vpcId}, not to ${network.vpcId}`);
    }
    if (subnet.availableIpAddressCount < needed) {
      problems.add(
        `${tier}: ${subnet.id} has ${subnet.availableIpAddressCount} free addresses, ${needed} are needed; give a larger one`,
      );
    }
  }
  const zones = new Set(known.map((subnet) => subnet.availabilityZone));
  if (known.length === subnets.length && zones.size < 2) {
    problems.add(`${tier}: all lie in ${[...zones].join()}; give subnets of at least two availability zones`);
  }
  return known.filter(({ vpcId }) => vpcId === network.vpcId).map(({ id }) => id);
}

async function checkSecurityGroup(vpcId: string, id: string, problems: Problems): Promise<void> {
  const what = `workloadSecurityGroupId: no security group ${id} can be read`;
  const group = await found(() => aws.ec2.getSecurityGroup({ id }), what, problems);
  if (group && group.vpcId !== vpcId) {
    problems.add(`workloadSecurityGroupId: ${id} belongs to ${group.vpcId}, not to ${vpcId}`);
  }
}

async function found<T>(look: () => Promise<T>, wrong: string, problems: Problems): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    problems.add(`${wrong} (${reasonOf(error)}); correct the id, or check the region and account`);
    return undefined;
  }
}
