import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/**
 * Rights of Velero: objects in its own bucket, which S3's own key encrypts, and snapshots of volumes that the EBS CSI driver made, which tags them;
 * it may delete only snapshots with its own tag.
 * Source: https://github.com/vmware-tanzu/velero-plugin-for-aws (set permissions for Velero)
 */
export function veleroPolicy(config: IamConfig): Document<Statement> {
  const { names, caller } = config;
  const { arn, bucketArn } = scopeOf(config);
  const buckets = shared.colors.map((color) => names.bucket(shared.colored(shared.clusterBackupsBucket, color)));
  const volumes = arn("ec2", "volume/*");
  // Snapshots have no account in their ARN.
  const snapshots = `arn:${caller.partition}:ec2:${caller.region}::snapshot/*`;
  const driver = "ebs.csi.aws.com/cluster";
  const backup = "velero.io/backup";
  return document(
    allow(
      "ListBucket",
      "s3:ListBucket",
      buckets.map((bucket) => bucketArn(bucket)),
    ),
    allow(
      "UseObjects",
      [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectTagging",
      ],
      buckets.map((bucket) => bucketArn(bucket, "*")),
    ),
    // Describe knows no narrower resource.
    allow("Look", ["ec2:DescribeSnapshots", "ec2:DescribeVolumes"], "*"),
    allow("SnapshotVolumes", "ec2:CreateSnapshot", volumes, {
      StringEquals: { [`aws:ResourceTag/${driver}`]: "true" },
    }),
    allow("MakeSnapshots", "ec2:CreateSnapshot", snapshots, { Null: { [`aws:RequestTag/${backup}`]: "false" } }),
    // A restored volume carries the tags of the one it comes from.
    allow("RestoreVolumes", "ec2:CreateVolume", volumes, {
      StringEquals: { [`aws:RequestTag/${driver}`]: "true" },
    }),
    allow("RestoreFromSnapshots", "ec2:CreateVolume", snapshots, {
      Null: { [`aws:ResourceTag/${backup}`]: "false" },
    }),
    allow("TagNew", "ec2:CreateTags", [snapshots, volumes], {
      StringEquals: { "ec2:CreateAction": ["CreateSnapshot", "CreateVolume"] },
    }),
    allow("DeleteOwnSnapshots", "ec2:DeleteSnapshot", snapshots, {
      Null: { [`aws:ResourceTag/${backup}`]: "false" },
    }),
  );
}
