import { contract, Problems, program } from "@selfhosted/common";
import { readNetworkingConfig } from "./config";
import { makeEndpoints } from "./endpoints";
import { endpointServiceNames } from "./endpointServices";
import { makeFlowLogs } from "./flowLogs";
import { checkGivenNetwork } from "./givenNetwork";
import { makePodSubnets } from "./podSubnets";
import { emptyDefaultSecurityGroup, makeWorkloadSecurityGroup } from "./securityGroups";
import { availabilityZones, makeVpc } from "./vpc";

export = program("networking", async () => {
  const config = await readNetworkingConfig();
  const { network, workloadSecurityGroupId } = config.given;

  if (network) {
    // Somebody else's network is looked at and published, never changed.
    await checkGivenNetwork(config);
    return {
      ...network,
      workloadSecurityGroupId: workloadSecurityGroupId ?? makeWorkloadSecurityGroup(config, network.vpcId),
    };
  }

  const problems = new Problems();
  const zones = await availabilityZones(config, problems);
  const endpointServices = await endpointServiceNames(config, zones, problems);
  problems.throwIfAny(contract.networking.project);

  const vpc = makeVpc(config, zones);
  makePodSubnets(config, vpc, zones);
  emptyDefaultSecurityGroup(config, vpc.vpcId);
  makeEndpoints(config, vpc, endpointServices);
  makeFlowLogs(config, vpc.vpcId);
  return {
    vpcId: vpc.vpcId,
    publicSubnetIds: vpc.publicSubnetIds,
    privateSubnetIds: vpc.privateSubnetIds,
    isolatedSubnetIds: vpc.isolatedSubnetIds,
    workloadSecurityGroupId: makeWorkloadSecurityGroup(config, vpc.vpcId),
  };
});
