import * as pulumi from "@pulumi/pulumi";
import { program } from "@selfhosted/common";
import { certificateArn } from "./certificate";
import { describeService } from "./components";
import { readServiceConfig } from "./config";
import * as eks from "./eks";
import * as fargate from "./fargate";
import { makeLoadBalancer } from "./loadBalancer";

const platforms = { eks, fargate } as const;

export = program("service", async () => {
  const config = await readServiceConfig();
  const { apiDomain, consoleDomain } = config;
  const platform = platforms[config.settings.platform];
  const service = describeService(config, platform.apiAddress(config));
  const edge = makeLoadBalancer(config, service, certificateArn(config));
  const servers = platform.run(config, service, edge);
  const { dnsName, zoneId } = edge.loadBalancer;
  return {
    apiDomain,
    consoleDomain,
    loadBalancerDnsName: dnsName,
    loadBalancerZoneId: zoneId,
    apiUrl: `https://${apiDomain}`,
    consoleUrl: `https://${consoleDomain}`,
    ...config.settled,
    // Only once it runs: after a failed migration the next run must still know the version that serves.
    version: pulumi.all(servers.map(({ id }) => id)).apply(() => config.settled.version),
    verify: `npm run verify -- --stack ${pulumi.getStack()}`,
    dnsRecords: dnsName.apply((target) => [apiDomain, consoleDomain].map((name) => `${name}  ALIAS/CNAME  ${target}`)),
  };
});
