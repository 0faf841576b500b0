import * as aws from "@pulumi/aws";
import { reasonOf, type Problems } from "@selfhosted/common";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkingConfig } from "./config";

/** AWS services that private subnets can reach without the internet, by the names of their interface endpoints. */
export const endpointServices = [
  ...(["autoscaling", "ec2", "ecr.api", "ecr.dkr", "ecs", "eks", "eks-auth", "elasticloadbalancing", "kms"] as const),
  ...(["logs", "monitoring", "secretsmanager", "sqs", "ssm", "ssmmessages", "sts", "xray"] as const),
] as const;

/** One of them. */
export type EndpointService = (typeof endpointServices)[number];

/** What nodes, controllers and the service call: without NAT, each of them needs its endpoint. */
export const indispensableEndpoints: readonly EndpointService[] = [
  ...(["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "sts"] as const),
];

/**
 * What an endpoint's service may be called. In China some names begin with the country and others don't, by no rule, and
 * AWS's documentation lists only some, so AWS is asked which of the two there is.
 * Source: https://github.com/aws/aws-cdk/pull/25333 (what AWS answered in both of China's regions)
 */
export function possibleServiceNames(service: string, region: string): string[] {
  return ["com.amazonaws", "cn.com.amazonaws"].map((prefix) => `${prefix}.${region}.${service}`);
}

/**
 * Names of the interface endpoints' services that are configured, each found in this region and in all of the zones; no
 * endpoint can be in a zone where its service isn't. What the installation can't do without NAT but the region doesn't
 * have is left out with a warning, as nothing can be done about it.
 */
export async function endpointServiceNames(
  { settings, caller: { region } }: NetworkingConfig,
  zones: readonly string[],
  problems: Problems,
): Promise<ReadonlyMap<EndpointService, string>> {
  const names = new Map<EndpointService, string>();
  const lookUps = settings.interfaceEndpoints.map(async (service) => [service, await lookUp(service, region)] as const);
  for (const [service, found] of await Promise.all(lookUps)) {
    if ("reason" in found) {
      problems.add(`interfaceEndpoints: ${service} can't be looked up (${found.reason}); check this account's rights`);
    } else if (found.zones.length === 0 && indispensableEndpoints.includes(service)) {
      void pulumi.log.warn(`${region} has no endpoint for ${service}: what calls it needs NAT`);
    } else {
      const lacking = zones.filter((zone) => !found.zones.includes(zone));
      if (lacking.length > 0) {
        const where = found.zones.length > 0 ? `in ${found.zones.join(", ")} alone` : `nowhere in ${region}`;
        problems.add(
          `interfaceEndpoints: AWS has ${service} ${where}, not in ${lacking.join(", ")}; take it out, or name other ` +
            "zones with availabilityZoneNames",
        );
      }
      names.set(service, found.name);
    }
  }
  return names;
}

/** Name of a service's endpoints, and the zones in which they can be, none where the region doesn't have them at all. */
async function lookUp(
  service: EndpointService,
  region: string,
): Promise<{ readonly name: string; readonly zones: readonly string[] } | { readonly reason: string }> {
  const filters = [{ name: "service-name", values: possibleServiceNames(service, region) }];
  try {
    const found = await aws.ec2.getVpcEndpointService({ serviceType: "Interface", filters });
    return { name: found.serviceName, zones: found.availabilityZones };
  } catch (error) {
    const reason = reasonOf(error);
    return reason.includes("no matching") ? { name: "", zones: [] } : { reason };
  }
}
