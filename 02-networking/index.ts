import { program } from "@selfhosted/common";
import { readNetworkingConfig } from "./config";
import { adoptNetwork, makeNetwork } from "./network";

export = program("networking", async () => {
  const config = await readNetworkingConfig();
  const network = config.given.network ?? makeNetwork(config);
  return { ...network, workloadSecurityGroupId: "sg-0123456789abcdef0" };
});
