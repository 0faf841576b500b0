import * as aws from "@pulumi/aws";
import { reasonOf, type Problems } from "@selfhosted/common";

/** A load balancer, as an alias names it. */
export interface Target {
  readonly dnsName: string;
  /** AWS's hosted zone of that name. */
  readonly zoneId: string;
}

/** The load balancer that takes over; AWS's hosted zone follows from the region in its name. */
export async function secondaryTarget(
  dnsName: string | undefined,
  primary: string,
  problems: Problems,
): Promise<Target | undefined> {
  if (dnsName === undefined) return undefined;
  if (dnsName.toLowerCase() === primary.toLowerCase()) {
    problems.add(`secondaryLoadBalancerDnsName is this region's own load balancer; give the other region's`);
    return undefined;
  }
  const region = dnsName.split(".")[1];
  try {
    const { id } = await aws.lb.getHostedZoneId({ region, loadBalancerType: "application" });
    return { dnsName, zoneId: id };
  } catch (error) {
    problems.add(
      `AWS has no load balancers in ${region ?? "that region"} (${reasonOf(error)}); check secondaryLoadBalancerDnsName`,
    );
    return undefined;
  }
}
