import { region as regionFacts, regionNames } from "../regions";
import { AwsError } from "../errors";
import type { Invoke } from "../record";
import { text, texts } from "../values";

/** Whoever works with the sandbox. */
export function callerArn(partition: string, account: string): string {
  return `arn:${partition}:iam::${account}:user/operator`;
}

/** Who is asking, and where: `aws.getCallerIdentity`, `getRegion`, `getPartition`, `getAvailabilityZones`. */
export const identity: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_args, { account, partition }) => ({
    id: account,
    accountId: account,
    arn: callerArn(partition, account),
    userId: "AIDASANDBOXOPERATOR00",
  }),

  "aws:index/getRegion:getRegion": (args, context) => {
    const name = text(args.region) ?? text(args.name) ?? context.region;
    const { dnsSuffix } = regionFacts(name);
    return { id: name, name, region: name, description: name, endpoint: `ec2.${name}.${dnsSuffix}` };
  },

  "aws:index/getPartition:getPartition": (_args, { partition, region }) => {
    const { dnsSuffix } = regionFacts(region);
    return { id: partition, partition, dnsSuffix, reverseDnsPrefix: dnsSuffix.split(".").reverse().join(".") };
  },

  "aws:index/getRegions:getRegions": () => ({ id: "aws", names: [...regionNames] }),

  "aws:index/getAvailabilityZones:getAvailabilityZones": (args, { region }) => {
    const excluded = new Set([...texts(args.excludeNames), ...texts(args.excludeZoneIds)]);
    const zones = regionFacts(region).zones.filter(({ name, id }) => !excluded.has(name) && !excluded.has(id));
    if (zones.length === 0) {
      throw new AwsError(
        "InvalidParameterValue",
        `no Availability Zone of ${region} is left after the exclusions`,
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html",
      );
    }
    return {
      ...args,
      id: region,
      region,
      names: zones.map(({ name }) => name),
      zoneIds: zones.map(({ id }) => id),
      groupNames: [region],
    };
  },
};
