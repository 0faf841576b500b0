import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account, policy } from "./account";

const enabled = { versioningConfiguration: { status: "Enabled" } };

describe("S3", () => {
  it.each(["ab", "Upper-case", "under_score", "-hyphen", "two..dots", "192.168.0.1", "xn--name", "b".repeat(64)])(
    "refuses a bucket named %s",
    async (bucket) => {
      await expect(new Account().make("s3/bucket", { bucket })).rejects.toThrow(/InvalidBucketName|bucket:/);
    },
  );

  it("has one bucket of a name in all Regions", async () => {
    const account = new Account();
    await account.make("s3/bucket", { bucket: "the-only-one" });
    await expect(account.make("s3/bucketV2", { bucket: "the-only-one" })).rejects.toThrow("BucketAlreadyOwnedByYou");
  });

  it("deletes a bucket with objects only when forceDestroy was set before", async () => {
    const account = new Account();
    const bucket = await account.make("s3/bucket", { bucket: "checkpoints" });
    await account.make("s3/bucketObject", { bucket: "checkpoints", key: "state.json", content: "{}" });
    await expect(account.destroy("s3/bucket", bucket)).rejects.toThrow("BucketNotEmpty");
    await account.update("s3/bucket", bucket, { bucket: "checkpoints", forceDestroy: true });
    await account.destroy("s3/bucket", bucket);
    expect(account.world.all()).toEqual([]);
  });

  it("puts a setting in the place of the one that is there, and takes settings along with their bucket", async () => {
    const account = new Account();
    const bucket = await account.make("s3/bucket", { bucket: "checkpoints" });
    const suspended = { versioningConfiguration: { status: "Suspended" } };
    for (const setting of [suspended, enabled]) {
      await account.make("s3/bucketVersioning", { bucket: "checkpoints", ...setting });
    }
    expect(account.world.list("aws:s3/bucketVersioning:BucketVersioning").map(({ properties }) => properties)).toEqual([
      expect.objectContaining(enabled),
    ]);
    await account.destroy("s3/bucket", bucket);
    expect(account.world.all()).toEqual([]);
  });

  const rule = { id: "old", status: "Enabled" };
  it.each<[setting: string, inputs: Properties, message: string]>([
    ["bucketVersioning", { versioningConfiguration: { status: "On" } }, "Enabled"],
    [
      "bucketServerSideEncryptionConfiguration",
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aes" } }] },
      "AES256",
    ],
    [
      "bucketServerSideEncryptionConfiguration",
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "none" } }] },
      "NotFoundException",
    ],
    ["bucketLifecycleConfiguration", { rules: [rule] }, "no action"],
    [
      "bucketLifecycleConfiguration",
      { rules: [{ ...rule, transitions: [{ days: 7, storageClass: "STANDARD_IA" }] }] },
      "30",
    ],
    [
      "bucketLifecycleConfiguration",
      {
        rules: [
          { ...rule, expiration: { days: 1 } },
          { ...rule, expiration: { days: 2 } },
        ],
      },
      "unique",
    ],
    ["bucketOwnershipControls", { rule: { objectOwnership: "Nobody" } }, "BucketOwnerEnforced"],
    ["bucketAcl", { acl: "public-read" }, "AccessControlListNotSupported"],
    ["bucketLogging", { targetBucket: "none", targetPrefix: "" }, "InvalidTargetBucketForLogging"],
    [
      "bucketPolicy",
      { policy: policy({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::another/*" }) },
      "invalid resource",
    ],
  ])("refuses a %s of %j", async (setting, inputs, message) => {
    const account = new Account();
    await account.make("s3/bucket", { bucket: "state" });
    await expect(account.make(`s3/${setting}`, { bucket: "state", ...inputs })).rejects.toThrow(message);
  });

  it("answers for a bucket and encrypts it only where it is", async () => {
    const account = new Account();
    await account.make("s3/bucket", { bucket: "far", region: "eu-west-1" });
    await expect(account.make("s3/bucketVersioning", { bucket: "far", ...enabled })).rejects.toThrow(
      "PermanentRedirect",
    );
    const key = await account.make("kms/key", {});
    const rules = [
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.properties["arn"] ?? "" } },
    ];
    const encryption = { bucket: "far", region: "eu-west-1", rules };
    await expect(account.make("s3/bucketServerSideEncryptionConfiguration", encryption)).rejects.toThrow(
      "the key must be in eu-west-1",
    );
  });

  it("copies between buckets that keep versions, with a key of the copy's Region", async () => {
    const account = new Account();
    const role = await account.role("copier", "s3.amazonaws.com");
    const [near, far] = [await account.make("kms/key", {}), await account.make("kms/key", { region: "eu-west-1" })];
    await account.make("s3/bucket", { bucket: "near" });
    await account.make("s3/bucket", { bucket: "far", region: "eu-west-1" });
    const copy = (replicaKmsKeyId?: Properties[string]) =>
      account.make("s3/bucketReplicationConfig", {
        bucket: "near",
        role,
        rules: [
          {
            status: "Enabled",
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: {
              bucket: "arn:aws:s3:::far",
              ...(replicaKmsKeyId && { encryptionConfiguration: { replicaKmsKeyId } }),
            },
          },
        ],
      });
    const key = far.properties["arn"];
    await expect(copy(key)).rejects.toThrow("Versioning must be 'Enabled' on the bucket near");
    await account.make("s3/bucketVersioning", { bucket: "near", ...enabled });
    await expect(copy(key)).rejects.toThrow("Destination bucket far must have versioning enabled");
    await account.make("s3/bucketVersioning", { bucket: "far", region: "eu-west-1", ...enabled });
    await expect(copy(near.properties["arn"])).rejects.toThrow("the key must be in eu-west-1");
    await expect(copy()).rejects.toThrow("ReplicaKmsKeyID must be specified");
    await copy(key);
  });

  it("refuses a public policy where the bucket's public access block forbids it, and settings of no bucket", async () => {
    const account = new Account();
    await expect(account.make("s3/bucketPublicAccessBlock", { bucket: "none" })).rejects.toThrow("NoSuchBucket");
    await account.make("s3/bucket", { bucket: "state" });
    await account.make("s3/bucketPublicAccessBlock", { bucket: "state", blockPublicPolicy: true });
    const open = policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::state/*" });
    await expect(account.make("s3/bucketPolicy", { bucket: "state", policy: open })).rejects.toThrow("AccessDenied");
  });
});
