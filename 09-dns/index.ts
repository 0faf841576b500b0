import { program } from "@selfhosted/common";
import { readDnsConfig } from "./config";
import { makeAlias } from "./records";

export = program("dns", async () => {
  const config = await readDnsConfig();
  const { apiDomain, consoleDomain } = config.upstream.service;
  return {
    apiRecordName: makeAlias(config, config.zone, "api", apiDomain),
    consoleRecordName: makeAlias(config, config.zone, "console", consoleDomain),
  };
});
