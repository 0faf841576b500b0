import { createHash } from "node:crypto";
import { arn, digest } from "../naming";
import { keyExists } from "../kms";
import type { ResourceRecord, ValidateContext } from "../record";
import { refusals, when } from "../rules";
import { isGiven, text } from "../values";
import { bucketTypes } from "./buckets";

const SOURCE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html";

function object(className: "BucketObject" | "BucketObjectv2"): ResourceRecord {
  const file = className.charAt(0).toLowerCase() + className.slice(1);
  const type = `aws:s3/${file}:${className}`;
  // The older type is known by its key alone, the newer by bucket and key.
  const idOf = ({ inputs }: Pick<ValidateContext, "inputs">) =>
    className === "BucketObject" ? (text(inputs.key) ?? "") : `${text(inputs.bucket) ?? ""}/${text(inputs.key) ?? ""}`;
  return {
    type,
    source: `https://www.pulumi.com/registry/packages/aws/api-docs/s3/${className.toLowerCase()}/`,
    id: idOf,
    autoname: { property: "key", maxLength: 1024 },
    references: [{ path: "bucket", to: bucketTypes, weak: true }],
    replaceOn: ["bucket", "key"],
    defaults: { forceDestroy: false, storageClass: "STANDARD" },
    outputs: (context) => ({
      arn: arn(context, "s3", `${text(context.inputs.bucket) ?? ""}/${text(context.inputs.key) ?? ""}`, [
        "region",
        "account",
      ]),
      etag: createHash("md5")
        .update(JSON.stringify(context.inputs.content ?? context.inputs.source ?? ""))
        .digest("hex"),
      versionId: digest(`${context.id}/${JSON.stringify(context.inputs)}`, 32, "lower"),
      contentType: text(context.inputs.contentType) ?? "application/octet-stream",
    }),
    validate: (context) =>
      refusals(
        when(
          ["content", "contentBase64", "source"].filter((property) => isGiven(context.inputs[property])).length > 1,
          "InvalidArgument",
          "give one of content, contentBase64, source",
          SOURCE,
        ),
        when(
          Buffer.byteLength(text(context.inputs.key) ?? "") > 1024,
          "KeyTooLongError",
          "Your key is too long: 1,024 bytes at most",
          SOURCE,
        ),
        keyExists(context, "kmsKeyId", context.inputs.kmsKeyId),
      ),
    seconds: { create: 1 },
  };
}

export const objectRecords: readonly ResourceRecord[] = [object("BucketObject"), object("BucketObjectv2")];
