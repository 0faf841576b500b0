import * as aws from "@pulumi/aws";
import {
  checkGivenKey,
  checkRoleTrust,
  contract,
  kinds,
  podTrust,
  Problems,
  reasonOf,
  serviceTrust,
} from "@selfhosted/common";
import { checkCreator } from "./access";
import type { ClusterConfig } from "./config";
import { checkLogGroup } from "./controlPlane";
import { defaultVersion, versions } from "./versions";

type Iam = NonNullable<ClusterConfig["upstream"]["iam"]>;
type Network = NonNullable<ClusterConfig["upstream"]["networking"]>;

/**
 * Looks at what the cluster is to be made of and what is there already: roles that trust whom they must, a key that
 * encrypts, services' addresses apart from the VPC's. EKS would say so after ten minutes, or never.
 * @throws pulumi.RunError with all problems, before anything is made.
 */
export async function checkParts(config: ClusterConfig, iam: Iam, network: Network): Promise<void> {
  const { settings, caller } = config;
  const problems = new Problems();
  checkCreator(config, problems);
  const ec2 = caller.partition === "aws-cn" ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com";
  await Promise.all([
    checkRoleTrust(
      "clusterRoleArn",
      iam.clusterRoleArn,
      serviceTrust("eks.amazonaws.com", settings.autoMode),
      problems,
    ),
    checkRoleTrust("nodeRoleArn", iam.nodeRoleArn, serviceTrust(ec2), problems),
    checkRoleTrust("vpcCniRoleArn", iam.vpcCniRoleArn, podTrust(iam.podCredentials, "vpcCniRoleArn"), problems),
    settings.clusterKeyArn === undefined ? undefined : checkGivenKey("clusterKeyArn", settings.clusterKeyArn, problems),
    settings.serviceCidr === undefined ? undefined : checkServiceCidr(settings.serviceCidr, network.vpcId, problems),
    checkVersionExists(settings.kubernetesVersion, problems),
    checkLogGroup(config, problems),
  ]);
  problems.throwIfAny(contract.cluster.project);
}

/** A version that isn't in our table may be newer than the table, or a slip: EKS has add-ons for every version that it has. */
async function checkVersionExists(kubernetesVersion: string, problems: Problems): Promise<void> {
  if (kubernetesVersion in versions) return;
  try {
    await aws.eks.getAddonVersion({ addonName: "kube-proxy", kubernetesVersion, mostRecent: true });
  } catch (error) {
    problems.add(
      `kubernetesVersion ${kubernetesVersion}: EKS has no kube-proxy for it, so it doesn't have that version here, or not yet ` +
        `(${reasonOf(error)}); run \`pulumi config set kubernetesVersion ${defaultVersion}\``,
    );
  }
}

async function checkServiceCidr(serviceCidr: string, vpcId: string, problems: Problems): Promise<void> {
  const vpc = await aws.ec2.getVpc({ id: vpcId });
  const associated = vpc.cidrBlockAssociations as typeof vpc.cidrBlockAssociations | undefined;
  for (const cidrBlock of [vpc.cidrBlock, ...(associated ?? []).map((association) => association.cidrBlock)]) {
    if (!kinds.overlap(serviceCidr, cidrBlock)) continue;
    problems.add(
      `serviceCidr ${serviceCidr} overlaps ${cidrBlock} of ${vpcId}; choose another private range, e.g. 172.20.0.0/16`,
    );
  }
}
