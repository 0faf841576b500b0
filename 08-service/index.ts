import * as pulumi from "@pulumi/pulumi";
import { program } from "@selfhosted/common";
import { certificateArn } from "./certificate";
import { describeService } from "./components";
import { readServiceConfig } from "./config";
import * as eks from "./eks";
import { makeLoadBalancer } from "./loadBalancer";

export = program("service", async () => {
  const config = await readServiceConfig();
  const { apiDomain, consoleDomain } = config;
  const service = describeService(config, eks.apiAddress());
  const edge = makeLoadBalancer(config, service, certificateArn(config));
  eks.run(config, service, edge);
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
