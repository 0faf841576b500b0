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
  { settings, caller }: NetworkingConfig,
  zones: readonly string[],
  problems: Problems,
): Promise<ReadonlyMap<EndpointService, string>> {
  const found = await Promise.all(
    settings.interfaceEndpoints.map(async (service): Promise<[EndpointService, string][]> => {
      try {
        const { serviceName, availabilityZones } = await aws.ec2.getVpcEndpointService({
          serviceType: "Interface",
          filters: [{ name: "service-name", values: possibleServiceNames(service, caller.region) }],
        });
        const lacking = zones.filter((zone) => !availabilityZones.includes(zone));
        if (lacking.length > 0) {
          problems.add(
            `interfaceEndpoints: AWS has ${service} in ${availabilityZones.join(", ")}, not in ${lacking.join(", ")}; name ` +
              "other zones with availabilityZoneNames, or take it out",
          );
        }
        return [[service, serviceName]];
      } catch (error) {
        const reason = reasonOf(error);
        const isUnknown = reason.includes("no matching");
        if (isUnknown && indispensableEndpoints.includes(service)) {
          void pulumi.log.warn(`${caller.region} has no endpoint for ${service}: what calls it needs NAT`);
        } else {
          const what = isUnknown ? `${caller.region} has no endpoint for ${service}` : `${service} (${reason})`;
          problems.add(
            `interfaceEndpoints: ${what}; take it out, or look at \`aws ec2 describe-vpc-endpoint-services\``,
          );
        }
        return [];
      }
    }),
  );
  return new Map(found.flat());
}
