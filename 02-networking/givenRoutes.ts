import * as aws from "@pulumi/aws";
import type { Problems } from "@selfhosted/common";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";
import { indispensableEndpoints } from "./endpointServices";

type GivenNetwork = NonNullable<NetworkingConfig["given"]["network"]>;

/** Where a subnet's traffic for the internet goes. */
type WayOut = "internet" | "gateway" | "none" | "unknown";

/**
 * Looks where the subnets' traffic goes: from public ones to an internet gateway, from private ones through NAT (a
 * transit gateway, an appliance) or to endpoints, from isolated ones never straight to the internet.
 */
export async function checkRoutes(
  network: GivenNetwork,
  { caller }: NetworkingConfig,
  problems: Problems,
): Promise<void> {
  const [publicWays, privateWays, isolatedWays] = await Promise.all([
    waysOut(network.publicSubnetIds, network.vpcId),
    waysOut(network.privateSubnetIds, network.vpcId),
    waysOut(network.isolatedSubnetIds, network.vpcId),
  ]);
  for (const [id, way] of [...publicWays, ...privateWays, ...isolatedWays]) {
    if (way === "unknown") problems.add(`no route table of ${id} can be read; associate one with it`);
  }
  for (const [id, way] of publicWays) {
    if (way === "gateway" || way === "none") {
      problems.add(`publicSubnetIds: ${id} has no route to an internet gateway; give one that has`);
    }
  }
  for (const [id, way] of privateWays) {
    if (way === "internet") {
      problems.add(`privateSubnetIds: ${id} routes to an internet gateway, so it is public; give one behind NAT`);
    }
  }
  for (const [id, way] of isolatedWays) {
    if (way === "internet") {
      problems.add(`isolatedSubnetIds: ${id} routes to an internet gateway; give one that doesn't for the database`);
    } else if (way === "gateway") {
      void pulumi.log.warn(`isolatedSubnetIds: ${id} has a way out, which neither the database nor search needs`);
    }
  }
  const shutIn = privateWays.filter(([, way]) => way === "none").map(([id]) => id);
  if (shutIn.length === 0) return;
  const missing = await missingEndpoints(network.vpcId, caller.region);
  if (missing.length > 0) {
    problems.add(
      `privateSubnetIds: ${shutIn.join(", ")} have no way out, and ${network.vpcId} has no endpoints for ` +
        `${missing.join(", ")}; route them to NAT or make the endpoints`,
    );
  }
}

function waysOut(subnetIds: readonly string[], vpcId: string): Promise<[string, WayOut][]> {
  return Promise.all(subnetIds.map(async (id): Promise<[string, WayOut]> => [id, await wayOut(id, vpcId)]));
}

async function wayOut(subnetId: string, vpcId: string): Promise<WayOut> {
  const table =
    (await read({ subnetId })) ??
    // A subnet without a table of its own follows the VPC's main one.
    (await read({ vpcId, filters: [{ name: "association.main", values: ["true"] }] }));
  if (!table) return "unknown";
  const everywhere = table.routes.filter(
    ({ cidrBlock, ipv6CidrBlock }) => cidrBlock === "0.0.0.0/0" || ipv6CidrBlock === "::/0",
  );
  if (everywhere.some(({ gatewayId }) => gatewayId.startsWith("igw-"))) return "internet";
  return everywhere.length > 0 ? "gateway" : "none";
}

async function read(args: aws.ec2.GetRouteTableArgs): Promise<aws.ec2.GetRouteTableResult | undefined> {
  try {
    return await aws.ec2.getRouteTable(args);
  } catch {
    return undefined;
  }
}

async function missingEndpoints(vpcId: string, region: string): Promise<string[]> {
  const found = await Promise.all(
    indispensableEndpoints.map((service) =>
      aws.ec2.getVpcEndpoint({ vpcId, serviceName: `com.amazonaws.${region}.${service}` }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return indispensableEndpoints.filter((_service, index) => !found[index]);
}
