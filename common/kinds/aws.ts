import { z } from "zod";
import { text, type Kind } from "./kind";
import { list, matching, oneOfNumbers } from "./plain";

const AWS_ID = /^[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/**
 * An id with AWS's prefix and 8 or 17 hexadecimal digits.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */
export function id(prefix: "vpc" | "subnet" | "sg" | "vpce" | "rtb"): Kind<string> {
  const schema = z
    .string()
    .refine((value) => value.startsWith(`${prefix}-`) && AWS_ID.test(value.slice(prefix.length + 1)), {
      message: `must be an id like ${prefix}-0123456789abcdef0`,
    });
  const example = `${prefix}-0123456789abcdef0`;
  return { form: example, schema, written: "text", example, secret: false };
}

/** A subnet list that AWS would take: at least two, since load balancers, EKS and RDS ask for two zones. */
export function subnetIds(): Kind<string[]> {
  return list(id("subnet"), 2, 16);
}

/** An AWS region. */
export function region(): Kind<string> {
  return matching(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "must be a region like us-west-2", "us-west-2");
}

/** Id of a Route 53 hosted zone. */
export function zoneId(example = "Z0123456789ABCDEFGHIJ"): Kind<string> {
  return matching(/^Z[A-Z0-9]{1,31}$/, `must be a Route 53 hosted zone id like ${example}`, example);
}

/**
 * Name of an S3 bucket.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function bucketName(): Kind<string> {
  const wrong =
    "must be a bucket name: 3–63 lowercase letters, digits, dots and hyphens, a letter or digit at both ends";
  return text("my-bucket", /^(?!.*\.\.)(?!xn--)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, wrong);
}

/**
 * Name of a DynamoDB table.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function tableName(): Kind<string> {
  return text("my-table", /^[\w.-]{3,255}$/, "must be a table's name: 3–255 letters, digits, dots, hyphens and _");
}

/**
 * Days that CloudWatch keeps a log group's events, in the steps it takes.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export function logRetentionDays(): Kind<number> {
  return oneOfNumbers(
    ...([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const),
    ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
  );
}

/** Key and value tags. Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export function tags(): Kind<Record<string, string>> {
  const schema = z.record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^(?!aws:)/i, "a tag key must not begin with aws:"),
    z.string("a tag's value must be text; put numbers and true/false in quotes").max(256),
    "must be an object of tag keys and values",
  );
  return { form: "{ key: value }", schema, written: "json", example: { team: "platform" }, secret: false };
}
