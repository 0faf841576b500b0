import { isIPv4 } from "node:net";
import { refusals, when, type Refusal } from "../rules";

const SOURCE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html";

/** Refuses what S3 doesn't take as the name of a general purpose bucket. */
export function bucketName(name: string | undefined): Refusal {
  if (name === undefined) return undefined;
  const code = "InvalidBucketName";
  return refusals(
    when(name.length < 3 || name.length > 63, code, `"${name}" has ${name.length} characters: give it 3 to 63`, SOURCE),
    when(
      !/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name),
      code,
      `"${name}" must be lowercase letters, digits, hyphens and dots, and begin and end with a letter or digit`,
      SOURCE,
    ),
    when(name.includes(".."), code, `"${name}" has two dots together`, SOURCE),
    when(isIPv4(name), code, `"${name}" looks like an IP address`, SOURCE),
    when(
      /^(xn--|sthree-|amzn-s3-demo-)/.test(name) || /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name),
      code,
      `"${name}" has a prefix or suffix that S3 keeps for itself`,
      SOURCE,
    ),
  );
}
