import { program } from "@selfhosted/common";
import { readInsightsConfig } from "./config";
import { makeDomain } from "./domain";

export = program("insights", async () => {
  const config = await readInsightsConfig();
  return config.given.search ?? makeDomain(config);
});
