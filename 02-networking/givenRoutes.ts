import * as aws from "@pulumi/aws";
import type { Problems } from "@selfhosted/common";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";
import { indispensableEndpoints, possibleServiceNames } from "./endpointServices";

type GivenNetwork = NonNullable<NetworkingConfig["given"]["network"]>;

/** Where a subnet's traffic for the internet goes. */
interface Way {
  readonly subnetId: string;
  /** Route table that the subnet follows; none when no table can be read. */
  readonly tableId?: string;
  /** `elsewhere`: not to the internet, but to other networks, where somebody may keep the endpoints for all. */
  readonly out: "internet" | "gateway" | "elsewhere" | "none" | "unknown";
}

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
  for (const { subnetId, out } of [...publicWays, ...privateWays, ...isolatedWays]) {
    if (out === "unknown") problems.add(`no route table of ${subnetId} can be read; associate one with it`);
  }
  for (const { subnetId, out } of publicWays) {
    if (out !== "internet" && out !== "unknown") {
      problems.add(`publicSubnetIds: ${subnetId} has no route to an internet gateway; give one that has`);
    }
  }
  for (const { subnetId, out } of privateWays) {
    if (out === "internet") {
      problems.add(`privateSubnetIds: ${subnetId} routes to an internet gateway, so it is public; give one behind NAT`);
    }
  }
  for (const { subnetId, out } of isolatedWays) {
    if (out === "internet") {
      problems.add(
        `isolatedSubnetIds: ${subnetId} routes to an internet gateway; give one that doesn't for the database`,
      );
    } else if (out === "gateway") {
      warn(`isolatedSubnetIds: ${subnetId} has a way out, which neither the database nor search needs`);
    }
  }
  await checkShutIn(network.vpcId, privateWays, caller.region, problems);
}

/** Private subnets without a way out need an endpoint for each service that the installation can't do without. */
async function checkShutIn(vpcId: string, ways: readonly Way[], region: string, problems: Problems): Promise<void> {
  const shutIn = ways.filter(({ out }) => out === "none" || out === "elsewhere");
  if (shutIn.length === 0) return;
  const missing = await missingEndpoints(vpcId, shutIn, region);
  if (missing.length === 0) return;
  const ids = shutIn.map(({ subnetId }) => subnetId).join(", ");
  const lack = `${vpcId} has no endpoints for ${missing.join(", ")}`;
  if (shutIn.every(({ out }) => out === "elsewhere")) {
    warn(`privateSubnetIds: ${ids} reach other networks but not the internet, and ${lack}; they must be reached there`);
  } else {
    problems.add(`privateSubnetIds: ${ids} have no way out, and ${lack}; route them to NAT or make the endpoints`);
  }
}

function waysOut(subnetIds: readonly string[], vpcId: string): Promise<Way[]> {
  return Promise.all(subnetIds.map((id) => wayOut(id, vpcId)));
}

async function wayOut(subnetId: string, vpcId: string): Promise<Way> {
  const table =
    (await readTable({ subnetId })) ??
    // A subnet without a table of its own follows the VPC's main one.
    (await readTable({ vpcId, filters: [{ name: "association.main", values: ["true"] }] }));
  if (!table) return { subnetId, out: "unknown" };
  const everywhere = table.routes.filter(
    ({ cidrBlock, ipv6CidrBlock }) => cidrBlock === "0.0.0.0/0" || ipv6CidrBlock === "::/0",
  );
  const way = { subnetId, tableId: table.routeTableId };
  if (everywhere.some(({ gatewayId }) => gatewayId.startsWith("igw-"))) return { ...way, out: "internet" };
  if (everywhere.length > 0) return { ...way, out: "gateway" };
  // The look-up leaves out the local route and those to gateway endpoints.
  return { ...way, out: table.routes.length > 0 ? "elsewhere" : "none" };
}

async function readTable(args: aws.ec2.GetRouteTableArgs): Promise<aws.ec2.GetRouteTableResult | undefined> {
  try {
    return await aws.ec2.getRouteTable(args);
  } catch {
    return undefined;
  }
}

/** S3 among them: images' layers and the state lie there. */
async function missingEndpoints(vpcId: string, shutIn: readonly Way[], region: string): Promise<string[]> {
  const services = [...indispensableEndpoints, "s3"];
  const found = await Promise.all(
    services.map(async (service) => {
      const values = possibleServiceNames(service, region);
      try {
        const endpoint = await aws.ec2.getVpcEndpoint({ vpcId, filters: [{ name: "service-name", values }] });
        // A gateway serves only the subnets whose route tables name it.
        const isGateway = endpoint.vpcEndpointType === "Gateway";
        return !isGateway || shutIn.every(({ tableId = "" }) => endpoint.routeTableIds.includes(tableId));
      } catch (error) {
        // More than one is enough too.
        return String(error).includes("multiple");
      }
    }),
  );
  return services.filter((_service, index) => !found[index]);
}

function warn(message: string): void {
  void pulumi.log.warn(message);
}
