import * as pulumi from "@pulumi/pulumi";
import { program } from "@selfhosted/common";
import { certificateArn } from "./certificate";
import { describeService } from "./components";
import { readServiceConfig } from "./config";
import * as eks from "./eks";
import * as fargate from "./fargate";
import { makeLoadBalancer, openToUsers } from "./loadBalancer";
import { announceVersion } from "./upgrades";

const platforms = { eks, fargate } as const;

export = program("service", async () => {
  const config = await readServiceConfig();
  const { apiDomain, consoleDomain } = config;
  announceVersion(config);
  const platform = platforms[config.settings.platform];
  const service = describeService(config, platform.apiAddress(config));
  const edge = makeLoadBalancer(config, service, certificateArn(config));
  openToUsers(config, service, edge, platform.run(config, service, edge));
  const { dnsName, zoneId } = edge.loadBalancer;
  return {
    apiDomain,
    consoleDomain,
    loadBalancerDnsName: dnsName,
    loadBalancerZoneId: zoneId,
    apiUrl: `https://${apiDomain}`,
    consoleUrl: `https://${consoleDomain}`,
    ...config.settled,
    verify: `npm run verify -- --stack ${pulumi.getStack()}`,
    dnsRecords: dnsName.apply((target) => [apiDomain, consoleDomain].map((name) => `${name}  ALIAS/CNAME  ${target}`)),
  };
});
