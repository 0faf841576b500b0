import * as pulumi from "@pulumi/pulumi";
import { program } from "@selfhosted/common";
import { makeCaa } from "./caa";
import { readDnsConfig } from "./config";
import { makeHealthCheck } from "./healthCheck";
import { makeAliases } from "./records";

export = program("dns", async () => {
  const config = await readDnsConfig();
  const { apiDomain, consoleDomain, loadBalancerDnsName } = config.upstream.service;
  makeCaa(config, "api", apiDomain);
  makeCaa(config, "console", consoleDomain);
  const healthCheck = makeHealthCheck(config);
  return {
    apiRecordName: makeAliases(config, "api", apiDomain),
    consoleRecordName: makeAliases(config, "console", consoleDomain),
    targets: [loadBalancerDnsName, ...(config.secondary ? [config.secondary.dnsName] : [])],
    healthChecks: pulumi.all(healthCheck ? [healthCheck.id] : []),
    verify: `npm run verify -- --stack ${pulumi.getStack()}`,
  };
});
