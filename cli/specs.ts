import type { ConfigSpec, Settings, StackName } from "@selfhosted/common";
import { spec as iam } from "../01-iam/config";
import { spec as networking } from "../02-networking/config";
import { spec as cluster } from "../03-cluster/config";
import { spec as clusterServices } from "../04-cluster-services/config";
import { spec as database } from "../05-database/config";
import { spec as insights } from "../06-insights/config";
import { spec as esc } from "../07-esc/config";
import { spec as service } from "../08-service/config";
import { spec as dns } from "../09-dns/config";

/** What each stack reads, by its own word; tools and tests learn keys, kinds and consumers here. */
export const specs: Readonly<Record<StackName, ConfigSpec<StackName, Settings, unknown>>> = {
  iam,
  networking,
  cluster,
  clusterServices,
  database,
  insights,
  esc,
  service,
  dns,
};
