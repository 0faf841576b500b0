import type { ResourceRecord } from "../record";
import { listenerRecords } from "./listeners";
import { loadBalancerRecords } from "./loadBalancers";
import { ruleRecords } from "./rules";
import { targetGroupRecords } from "./targetGroups";

/** Elastic Load Balancing. */
export const lb: readonly ResourceRecord[] = [
  ...loadBalancerRecords,
  ...targetGroupRecords,
  ...listenerRecords,
  ...ruleRecords,
];
