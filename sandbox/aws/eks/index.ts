import type { ResourceRecord } from "../record";
import { accessRecords } from "./access";
import { addonRecords } from "./addons";
import { clusterRecords } from "./clusters";
import { nodeGroupRecords } from "./nodeGroups";
import { podRecords } from "./pods";

/** Amazon Elastic Kubernetes Service. */
export const eks: readonly ResourceRecord[] = [
  ...clusterRecords,
  ...nodeGroupRecords,
  ...accessRecords,
  ...podRecords,
  ...addonRecords,
];
