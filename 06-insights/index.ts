import { program } from "@selfhosted/common";
import { makeCluster } from "./cluster";
import { readInsightsConfig } from "./config";
import { makeDomain } from "./domain";

export = program("insights", async () => {
  const config = await readInsightsConfig();
  return config.given.search ?? (config.settings.mode === "cluster" ? makeCluster(config) : makeDomain(config));
});
