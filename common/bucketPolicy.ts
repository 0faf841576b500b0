import type * as aws from "@pulumi/aws";
import type { Caller } from "./ownConfig";

/** From where a bucket's objects are read and written: one VPC, and wherever some roles and users are. */
export interface BucketDoors {
  readonly vpcId: string;
  readonly principalArns: readonly string[];
}

/** What reads or changes an object. Listing isn't among it: it shows names only, and is how AWS answers whether there is a bucket. */
const OBJECT_ACTIONS = [
  "s3:AbortMultipartUpload",
  "s3:DeleteObject*",
  "s3:GetObject*",
  "s3:ListMultipartUploadParts",
  "s3:PutObject*",
  "s3:RestoreObject",
];

/**
 * Denies what isn't TLS 1.2 or newer and, with doors, objects to whoever comes from elsewhere. What manages the bucket
 * itself stays open to whom IAM allows it, so that nobody is locked out: Pulumi works from outside of the VPC too.
 */
export function bucketPolicy({ partition }: Caller, bucketName: string, doors?: BucketDoors): aws.iam.PolicyDocument {
  const bucketArn = `arn:${partition}:s3:::${bucketName}`;
  const denied = (
    Sid: string,
    Condition: NonNullable<aws.iam.PolicyStatement["Condition"]>,
    scope: Pick<aws.iam.PolicyStatement, "Action" | "Resource"> = {
      Action: "s3:*",
      Resource: [bucketArn, `${bucketArn}/*`],
    },
  ): aws.iam.PolicyStatement => ({ Sid, Effect: "Deny", Principal: "*", ...scope, Condition });
  return {
    Version: "2012-10-17",
    Statement: [
      denied("TlsOnly", { Bool: { "aws:SecureTransport": "false" } }),
      denied("Tls12", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
      ...(doors === undefined
        ? []
        : [
            denied(
              "VpcOnly",
              {
                // Set on what comes through an endpoint of the VPC, and on nothing else.
                // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html
                StringNotEquals: { "aws:SourceVpc": doors.vpcId },
                ...(doors.principalArns.length > 0 && {
                  ArnNotLike: { "aws:PrincipalArn": [...doors.principalArns] },
                }),
              },
              { Action: OBJECT_ACTIONS, Resource: `${bucketArn}/*` },
            ),
          ]),
    ],
  };
}
