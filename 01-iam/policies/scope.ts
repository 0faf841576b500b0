import type { IamConfig } from "../config";

/** ARNs in this account, region and partition (aws, aws-us-gov, aws-cn …). */
export interface Scope {
  /** ARN of this account and region: `arn("eks", "cluster/prod")`. */
  readonly arn: (service: string, resource: string) => string;
  /**
   * ARNs of what is in a VPC, whosever: in one that another account shares, subnets are that account's.
   * Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
   */
  readonly networkArns: (...kinds: string[]) => string[];
  /** ARN of a service that has no regions: `globalArn("iam", "role/name")`. */
  readonly globalArn: (service: string, resource: string) => string;
  /** ARN of an S3 bucket, or of what lies in it: `bucketArn("name", "*")`. */
  readonly bucketArn: (bucket: string, objects?: string) => string;
  /** ARN of one of AWS's own managed policies, with its path: `managedPolicyArn("service-role/Name")`. */
  readonly managedPolicyArn: (policy: string) => string;
  /** Endings of DNS names: `amazonaws.com`, in China `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
}

/** The scope of whoever runs this stack. */
export function scopeOf({ caller: { partition, region, account } }: IamConfig): Scope {
  return {
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
    networkArns: (...kinds) => kinds.map((kind) => `arn:${partition}:ec2:${region}:*:${kind}/*`),
    globalArn: (service, resource) => `arn:${partition}:${service}::${account}:${resource}`,
    bucketArn: (bucket, objects) => `arn:${partition}:s3:::${bucket}${objects === undefined ? "" : `/${objects}`}`,
    managedPolicyArn: (policy) => `arn:${partition}:iam::aws:policy/${policy}`,
    dnsSuffix: partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
  };
}
