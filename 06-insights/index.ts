import { guarded, program } from "@selfhosted/common";
import { makeCluster } from "./cluster";
import { readInsightsConfig } from "./config";
import { makeDomain } from "./domain";

export = program("insights", async () => {
  const config = await readInsightsConfig();
  const { mode, protect } = config.settings;
  return guarded(protect, () => config.given.search ?? (mode === "cluster" ? makeCluster(config) : makeDomain(config)));
});
