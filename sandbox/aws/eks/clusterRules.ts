import { contains, overlap, parseCidr } from "../cidr";
import { subnetsOf, sameVpc, zonesOf } from "../ec2/subnets";
import { vpcCidrs } from "../ec2/vpc";
import { statements } from "../policyDocuments";
import type { CreateContext, ValidateContext } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { block, flag, hasUnknown, isGiven, text, texts } from "../values";
import { availableVersions, minor, supportOf } from "./versions";
import type { Value } from "../../provider/types";

export const CLUSTER = "aws:eks/cluster:Cluster";
export const ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry";
const API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html";
const NETWORK = "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html";
const VERSIONS = "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html";
const AUTO_MODE = "https://docs.aws.amazon.com/eks/latest/userguide/auto-enable-existing.html";
const UPDATE = "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html";

/** Zones in which EKS can't place its network interfaces (network-reqs.html, "Subnet requirements"). */
const unsupportedZones = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Ranges that no address of the internet is in. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].flatMap(
  (cidr) => parseCidr(cidr) ?? [],
);

function tagsSessions(trustPolicy: Value | undefined): boolean {
  return (statements(trustPolicy) ?? []).some(({ actions }) =>
    actions.some((action) => ["sts:TagSession", "sts:*", "*"].includes(action)),
  );
}

/** The VPC of a cluster's subnets. */
export function vpcOf({ world, inputs }: Pick<CreateContext, "world" | "inputs">): string | undefined {
  const [first] = subnetsOf(world, texts(block(inputs.vpcConfig).subnetIds));
  return text(first?.properties.vpcId);
}

/** EKS takes 172.20.0.0/16 for services where the VPC lies in 10.0.0.0/8, which it does as a rule. */
export function serviceCidr({ inputs }: Pick<CreateContext, "inputs">): string {
  return text(block(inputs.kubernetesNetworkConfig).serviceIpv4Cidr) ?? "172.20.0.0/16";
}

/** What EKS refuses in `vpcConfig` and `kubernetesNetworkConfig`. */
export function networkRules({ inputs, world }: ValidateContext): Refusal {
  const vpcConfig = block(inputs.vpcConfig);
  const subnets = texts(vpcConfig.subnetIds);
  const counted = !hasUnknown(vpcConfig.subnetIds) && subnetsOf(world, subnets).length === subnets.length;
  const bad = subnetsOf(world, subnets).find(({ properties }) =>
    unsupportedZones.includes(text(properties.availabilityZoneId) ?? ""),
  );
  const service = parseCidr(serviceCidr({ inputs }));
  const clash = service && vpcCidrs(world, vpcOf({ world, inputs }) ?? "").some((cidr) => overlap(cidr, service));
  const publicAccess = flag(vpcConfig.endpointPublicAccess) ?? true;
  const privateAccess = flag(vpcConfig.endpointPrivateAccess) ?? false;
  const cidrs = texts(vpcConfig.publicAccessCidrs);
  return refusals(
    when(
      counted && zonesOf(world, subnets).length < 2,
      "InvalidParameterException",
      "Subnets specified must be in at least two different AZs",
      NETWORK,
    ),
    sameVpc(world, [...subnets, ...texts(vpcConfig.securityGroupIds)], "InvalidParameterException", NETWORK),
    when(
      bad !== undefined,
      "UnsupportedAvailabilityZoneException",
      `EKS has no control plane in ${text(bad?.properties.availabilityZone) ?? ""}: leave ${bad?.id ?? ""} out`,
      NETWORK,
    ),
    when(
      !publicAccess && !privateAccess,
      "InvalidParameterException",
      "Private and public endpoint access cannot both be false",
      "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    ),
    when(
      cidrs.some((cidr) => parseCidr(cidr) === undefined),
      "InvalidParameterException",
      `publicAccessCidrs: ${cidrs.filter((cidr) => !parseCidr(cidr)).join(", ")} is no CIDR block`,
      API,
    ),
    when(
      cidrs
        .flatMap((cidr) => parseCidr(cidr) ?? [])
        .some((cidr) => privateRanges.some((range) => contains(range, cidr))),
      "InvalidParameterException",
      `The following CIDRs are invalid in publicAccessCidrs, private and reserved ranges aren't taken: ${cidrs.join(", ")}`,
      "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    ),
    when(
      service === undefined ||
        service.prefix < 12 ||
        service.prefix > 24 ||
        !/^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)/.test(service.address),
      "InvalidParameterException",
      "serviceIpv4Cidr must be a /12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
      API,
    ),
    when(
      clash === true,
      "InvalidParameterException",
      `serviceIpv4Cidr ${serviceCidr({ inputs })} overlaps the VPC: set kubernetesNetworkConfig.serviceIpv4Cidr to a range outside it`,
      API,
    ),
  );
}

/** Which versions EKS makes, and how it goes from one to the next. */
export function versionRules({ inputs, world, id }: ValidateContext): Refusal {
  const version = text(inputs.version);
  if (version === undefined) return undefined;
  const before = id === undefined ? undefined : text(world.get(CLUSTER, id)?.properties.version);
  const support = supportOf(version);
  const supportType = text(block(inputs.upgradePolicy).supportType);
  return refusals(
    when(
      before !== version && support === "none",
      "InvalidParameterException",
      `unsupported Kubernetes version ${version}: choose one of ${availableVersions().join(", ")}`,
      VERSIONS,
    ),
    when(
      before === undefined && support === "extended" && supportType === "STANDARD",
      "InvalidParameterException",
      `${version} is in extended support (six times the price): choose a newer version, or upgradePolicy EXTENDED`,
      "https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html",
    ),
    when(
      before !== undefined && minor(version) < minor(before),
      "InvalidParameterException",
      `Unsupported Kubernetes minor version update from ${before ?? ""} to ${version}: a cluster can't go back`,
      UPDATE,
    ),
    when(
      before !== undefined && minor(version) > minor(before) + 1,
      "InvalidParameterException",
      `Unsupported Kubernetes minor version update from ${before ?? ""} to ${version}: go up one minor version at a time`,
      UPDATE,
    ),
  );
}

/** What EKS asks of a cluster in Auto Mode: its three capabilities come and go together. */
export function autoModeRules({ inputs, world }: ValidateContext): Refusal {
  const role = world.find("aws:iam/role:Role", ({ properties }) => properties.arn === text(inputs.roleArn));
  const compute = block(inputs.computeConfig);
  const capabilities = [
    flag(compute.enabled),
    flag(block(block(inputs.storageConfig).blockStorage).enabled),
    flag(block(block(inputs.kubernetesNetworkConfig).elasticLoadBalancing).enabled),
  ].map((enabled) => enabled ?? false);
  const automatic = capabilities.includes(true);
  const mode = text(block(inputs.accessConfig).authenticationMode) ?? "CONFIG_MAP";
  return refusals(
    when(
      new Set(capabilities).size > 1,
      "InvalidParameterException",
      "compute, block storage and load balancing capabilities must all be enabled or all be disabled",
      AUTO_MODE,
    ),
    when(
      automatic && role !== undefined && !tagsSessions(role.properties.assumeRolePolicy),
      "InvalidParameterException",
      `EKS Auto Mode needs sts:TagSession in the trust policy of ${role?.id ?? ""}`,
      "https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html",
    ),
    when(
      automatic && mode === "CONFIG_MAP",
      "InvalidParameterException",
      "EKS Auto Mode needs the authentication mode API or API_AND_CONFIG_MAP",
      AUTO_MODE,
    ),
    when(
      automatic && flag(inputs.bootstrapSelfManagedAddons) === true,
      "InvalidParameterException",
      "EKS Auto Mode needs bootstrapSelfManagedAddons to be false",
      AUTO_MODE,
    ),
    when(
      texts(compute.nodePools).length > 0 && !isGiven(compute.nodeRoleArn),
      "InvalidParameterException",
      "computeConfig.nodeRoleArn is needed for the node pools that EKS makes",
      AUTO_MODE,
    ),
  );
}
