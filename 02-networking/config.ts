import { defineConfig, kinds, readConfig, setting } from "@selfhosted/common";

export const spec = defineConfig("networking", {
  settings: {
    cidrBlock: setting.defaulted(kinds.cidrBlock(16, 20), "10.0.0.0/16", "IPv4 range of the VPC"),
    availabilityZones: setting.defaulted(kinds.integer(2, 4), 3, "how many availability zones to span"),
    natGateways: setting.defaulted(
      kinds.oneOf("OnePerAz", "Single", "None"),
      "Single",
      "how private subnets reach the internet",
    ),
  },
  needs: { iam: { when: () => true, outputs: ["flowLogsRoleArn"] } },
});

export const readNetworkingConfig = () => readConfig(spec);

export type NetworkingConfig = Awaited<ReturnType<typeof readNetworkingConfig>>;
