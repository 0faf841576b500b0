import { checkGivenKey, contract, defineConfig, kinds, Problems, readConfig, setting } from "@selfhosted/common";
import { endpointServices, indispensableEndpoints } from "./endpointServices";
import { checkPodRange } from "./podSubnets";
import { checkSubnetPlan } from "./subnetPlan";

const prefixLength = (about: string) => setting.optional(kinds.integer(16, 28), about);

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("networking", {
  settings: {
    cidrBlock: setting.defaulted(kinds.cidrBlock(16, 20), "10.0.0.0/16", "IPv4 range of the VPC"),
    availabilityZones: setting.defaulted(kinds.integer(2, 4), 2, "how many availability zones to span"),
    availabilityZoneNames: setting.optional(
      kinds.list(kinds.matching(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "must be a zone like us-east-1a", "us-east-1a"), 2, 4),
      "the availability zones themselves, instead of how many",
    ),
    publicPrefixLength: prefixLength("size of each public subnet"),
    privatePrefixLength: prefixLength("size of each private subnet"),
    isolatedPrefixLength: prefixLength("size of each isolated subnet"),
    podCidrBlock: setting.optional(kinds.cidrBlock(16, 20), "second IPv4 range, for pods alone"),
    natGateways: setting.byProfile(
      kinds.oneOf("OnePerAz", "Single", "None"),
      { standard: "OnePerAz", small: "Single" },
      "how private subnets reach the internet",
    ),
    interfaceEndpoints: setting.defaulted(
      kinds.list(kinds.oneOf(...endpointServices)),
      [],
      "AWS services that private subnets reach without the internet",
    ),
    dynamodbEndpoint: setting.defaulted(
      kinds.boolean(),
      false,
      "whether subnets reach DynamoDB without the internet, as the audit log does",
    ),
    endpointAccess: setting.defaulted(
      kinds.oneOf("Everybody", "OwnAccount"),
      "Everybody",
      "whose principals the endpoints let through",
    ),
    flowLogs: setting.defaulted(kinds.boolean(), true, "whether to log the VPC's traffic"),
    flowLogsRetentionDays: setting.byProfile(
      kinds.logRetentionDays(),
      { standard: 90, small: 7 },
      "how long to keep flow logs",
    ),
    flowLogsKeyArn: setting.optional(kinds.keyArn(), "existing KMS key that encrypts the flow logs"),
  },
  needs: {
    iam: { when: (settings, given) => settings.flowLogs && !given.has("vpcId"), outputs: ["flowLogsRoleArn"] },
  },
});

/** Reads and checks the configuration, each key by itself and keys against each other. */
export async function readNetworkingConfig() {
  const config = await readConfig(spec);
  const { settings, given } = config;
  const problems = new Problems();
  const range = kinds.parseCidr(settings.cidrBlock);
  if (range) {
    for (const problem of checkSubnetPlan(range.prefix, zoneCount(settings), settings)) problems.add(problem);
  }
  for (const problem of settings.podCidrBlock === undefined
    ? []
    : checkPodRange(settings.podCidrBlock, settings.cidrBlock)) {
    problems.add(problem);
  }
  const missing = indispensableEndpoints.filter((service) => !settings.interfaceEndpoints.includes(service));
  if (settings.natGateways === "None" && !given.network && missing.length > 0) {
    problems.add(
      `natGateways is None, so private subnets reach AWS through endpoints only, and interfaceEndpoints lacks ` +
        `${missing.join(", ")}; run \`pulumi config set interfaceEndpoints '${JSON.stringify(indispensableEndpoints)}'\``,
    );
  }
  const idle = given.network ? keysOfOwnNetwork(settings) : [];
  if (idle.length > 0) {
    problems.add(
      `${idle.join(", ")}: nothing is made in a network that is given; have it made there, and run ` +
        idle.map((key) => `\`pulumi config rm ${key}\``).join(", "),
    );
  }
  if (given.workloadSecurityGroupId !== undefined && !given.network) {
    problems.add(
      "workloadSecurityGroupId is given without its network, and a security group belongs to one VPC; set vpcId, " +
        "publicSubnetIds, privateSubnetIds and isolatedSubnetIds too, or run `pulumi config rm workloadSecurityGroupId`",
    );
  }
  if (settings.flowLogsKeyArn !== undefined) await checkGivenKey("flowLogsKeyArn", settings.flowLogsKeyArn, problems);
  problems.throwIfAny(contract.networking.project);
  return config;
}

/** What the rest of this stack works from. */
export type NetworkingConfig = Awaited<ReturnType<typeof readNetworkingConfig>>;

/** How many zones the VPC spans. */
export function zoneCount(settings: NetworkingConfig["settings"]): number {
  return settings.availabilityZoneNames?.length ?? settings.availabilityZones;
}

/** What is set of the keys that make something in a network of our own, and nothing in one that is given. */
function keysOfOwnNetwork(settings: NetworkingConfig["settings"]): string[] {
  const chosen = {
    podCidrBlock: settings.podCidrBlock !== undefined,
    interfaceEndpoints: settings.interfaceEndpoints.length > 0,
    dynamodbEndpoint: settings.dynamodbEndpoint,
    endpointAccess: settings.endpointAccess !== "Everybody",
    flowLogsKeyArn: settings.flowLogsKeyArn !== undefined,
  };
  return Object.entries(chosen).flatMap(([key, isSet]) => (isSet ? [key] : []));
}
