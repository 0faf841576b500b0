import * as aws from "@pulumi/aws";
import type { Caller } from "./ownConfig";
import { reasonOf, type Problems } from "./problems";

/** Looks a given bucket up: it must exist, be readable, and lie in this region, or the service couldn't use it. */
export async function checkGivenBucket(
  key: string,
  bucketName: string,
  { region }: Caller,
  problems: Problems,
): Promise<void> {
  try {
    const bucket = await aws.s3.getBucket({ bucket: bucketName });
    if (bucket.bucketRegion !== region) {
      problems.add(
        `${key} ${bucketName} is in ${bucket.bucketRegion}, this stack deploys to ${region}; give a bucket of ${region}`,
      );
    }
  } catch (error) {
    problems.add(
      `${key} ${bucketName} can't be read (${reasonOf(error)}); check the name and this account's rights on it`,
    );
  }
}

/** Looks a VPC up, whose private zones answer (databases, endpoints, tasks by name): it must resolve names. */
export async function checkVpc(id: string, problems: Problems): Promise<void> {
  try {
    const { enableDnsHostnames, enableDnsSupport } = await aws.ec2.getVpc({ id });
    if (enableDnsHostnames && enableDnsSupport) return;
    problems.add(
      `vpcId: ${id} resolves no names; run \`aws ec2 modify-vpc-attribute --vpc-id ${id} --enable-dns-hostnames\` and the same with --enable-dns-support`,
    );
  } catch (error) {
    problems.add(`vpcId: no VPC ${id} can be read (${reasonOf(error)}); check the id, the region and the account`);
  }
}

/** Looks a given KMS key up: enabled, symmetric, for encryption, and not AWS's own. */
export async function checkGivenKey(key: string, keyArn: string, problems: Problems): Promise<void> {
  try {
    const found = await aws.kms.getKey({ keyId: keyArn });
    if (!found.enabled) {
      problems.add(`${key} ${keyArn} is disabled or being deleted; run \`aws kms enable-key --key-id ${keyArn}\``);
    }
    if (found.keyUsage !== "ENCRYPT_DECRYPT" || found.keySpec !== "SYMMETRIC_DEFAULT") {
      problems.add(`${key} ${keyArn} is a ${found.keyUsage} key (${found.keySpec}); give a symmetric encryption key`);
    }
    if (found.keyManager === "AWS") {
      problems.add(`${key} ${keyArn} is AWS's own, whose policy nobody can change; give a customer-managed key`);
    }
  } catch (error) {
    problems.add(`${key} ${keyArn} can't be read (${reasonOf(error)}); check the ARN and this account's rights on it`);
  }
}
