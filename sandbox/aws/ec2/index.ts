import type { ResourceRecord } from "../record";
import { endpointRecords } from "./endpoints";
import { flowLogRecords } from "./flowLogs";
import { gatewayRecords } from "./gateways";
import { launchTemplateRecords } from "./launchTemplates";
import { networkAclRecords } from "./networkAcls";
import { routeRecords } from "./routes";
import { securityGroupRuleRecords } from "./securityGroupRules";
import { securityGroupRecords } from "./securityGroups";
import { subnetRecords } from "./subnets";
import { vpcRecords } from "./vpc";

/** Amazon EC2 and VPC. */
export const ec2: readonly ResourceRecord[] = [
  ...vpcRecords,
  ...subnetRecords,
  ...gatewayRecords,
  ...routeRecords,
  ...securityGroupRecords,
  ...securityGroupRuleRecords,
  ...endpointRecords,
  ...networkAclRecords,
  ...flowLogRecords,
  ...launchTemplateRecords,
];
