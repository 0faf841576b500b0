import * as aws from "@pulumi/aws";
import type * as awsx from "@pulumi/awsx";
import { kinds } from "@selfhosted/common";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";

/** Shared address space, which AWS lets every VPC add and private networks seldom use. Source: RFC 6598. */
const SHARED_SPACE = "100.64.0.0/10";

/** What AWS, or a lack of sense, would refuse about the pods' range. */
export function checkPodRange(podCidrBlock: string, cidrBlock: string): string[] {
  const [pods, vpc, space] = [podCidrBlock, cidrBlock, SHARED_SPACE].map((range) => kinds.parseCidr(range));
  if (!pods || !vpc || !space) return [];
  if (pods.first < space.first || pods.last > space.last) {
    return [`podCidrBlock must lie in ${SHARED_SPACE}, the space meant for it; for instance 100.64.0.0/16`];
  }
  if (pods.last < vpc.first || vpc.last < pods.first) return [];
  return [`podCidrBlock ${podCidrBlock} overlaps cidrBlock ${cidrBlock}; choose another range of ${SHARED_SPACE}`];
}

/** Equal shares of a range, one a zone: a quarter each for three or four zones, a half for two. */
function sharesOf(cidrBlock: string, count: number): string[] {
  const range = kinds.parseCidr(cidrBlock);
  if (!range) return [];
  const prefix = range.prefix + Math.ceil(Math.log2(count));
  const size = 2 ** (32 - prefix);
  return Array.from({ length: count }, (_, index) => `${dotted(range.first + index * size)}/${prefix}`);
}

/**
 * A second range for pods, where the first one is small: the VPC CNI finds these subnets by their tag and takes pods'
 * addresses from whichever of its zone has more left. They share the route tables of their zone's private subnet.
 * Source: https://github.com/aws/amazon-vpc-cni-k8s#enable_subnet_discovery-v1180
 */
export function makePodSubnets(config: NetworkingConfig, vpc: awsx.ec2.Vpc, zones: readonly string[]): void {
  const { settings, names, tags } = config;
  if (settings.podCidrBlock === undefined) return;
  const range = new aws.ec2.VpcIpv4CidrBlockAssociation("pods", {
    vpcId: vpc.vpcId,
    cidrBlock: settings.podCidrBlock,
  });
  const routeTableIds = routeTablesOf(vpc);
  sharesOf(settings.podCidrBlock, zones.length).forEach((cidrBlock, index) => {
    const number = index + 1;
    const subnet = new aws.ec2.Subnet(`pods-${number}`, {
      vpcId: range.vpcId,
      cidrBlock,
      availabilityZone: zones[index],
      tags: { ...tags, Name: names.of(`pods-${number}`), "kubernetes.io/role/cni": "1" },
    });
    new aws.ec2.RouteTableAssociation(`pods-${number}`, {
      subnetId: subnet.id,
      routeTableId: routeTableIds.apply((ids) => ids[index] ?? ""),
    });
  });
}

/** Route tables of the private subnets, in the subnets' order. */
function routeTablesOf(vpc: awsx.ec2.Vpc): pulumi.Output<string[]> {
  const pairs = vpc.routeTableAssociations.apply((associations) =>
    pulumi.all(associations.map((one) => pulumi.all([one.subnetId, one.routeTableId]))),
  );
  return pulumi
    .all([vpc.privateSubnetIds, pairs])
    .apply(([subnetIds, known]) =>
      subnetIds.flatMap((id) => known.filter(([subnetId]) => subnetId === id).map(([, tableId]) => tableId)),
    );
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
