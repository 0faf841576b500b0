import { AwsError } from "./errors";
import { region as regionFacts } from "./regions";
import { text } from "./values";
import { UNKNOWN, type Configuration, type Properties, type Value } from "../provider/types";
import { ACCOUNT } from "../world";

/** What the `aws` provider was configured with, as far as the sandbox heeds it. */
export interface AwsConfiguration {
  readonly region: string;
  readonly partition: string;
  /** Tags of every resource that takes tags (`aws:defaultTags`). */
  readonly defaultTags: Readonly<Record<string, Value>>;
  /** Roles to take on, each with the rights of the one before. */
  readonly assumeRoles: readonly { readonly roleArn: string; readonly externalId?: string }[];
}

/** @throws AwsError when AWS could not be called with it. */
export function readConfiguration(configuration: Configuration): AwsConfiguration {
  const { region } = configuration;
  if (typeof region !== "string" || region === "" || region === UNKNOWN) {
    throw new AwsError("MissingRegion", "no AWS Region is configured: run `pulumi config set aws:region us-west-2`");
  }
  checkAccount(configuration);
  const { partition } = regionFacts(region);
  const roles = structured(configuration["assumeRoles"]);
  return {
    region,
    partition,
    defaultTags: tagsOf(structured(configuration["defaultTags"])),
    assumeRoles: (Array.isArray(roles) ? roles : []).flatMap((role) => {
      const { roleArn, externalId } = isBlock(role) ? role : {};
      return [{ roleArn: text(roleArn) ?? "", externalId: text(externalId) }];
    }),
  };
}

/** The engine sends anything but text as JSON. */
function structured(value: Value | undefined): Value | undefined {
  return typeof value === "string" && /^[[{]/.test(value) ? (JSON.parse(value) as Value) : value;
}

function tagsOf(defaultTags: Value | undefined): Properties {
  const tags = isBlock(defaultTags) ? defaultTags["tags"] : undefined;
  return isBlock(tags) ? tags : {};
}

function checkAccount(configuration: Configuration): void {
  const allowed = structured(configuration["allowedAccountIds"]);
  const forbidden = structured(configuration["forbiddenAccountIds"]);
  const refused =
    (Array.isArray(allowed) && allowed.length > 0 && !allowed.includes(ACCOUNT)) ||
    (Array.isArray(forbidden) && forbidden.includes(ACCOUNT));
  if (refused) {
    throw new AwsError(
      "AccountNotAllowed",
      `AWS account ID not allowed: ${ACCOUNT}; look at aws:allowedAccountIds and aws:forbiddenAccountIds`,
    );
  }
}

function isBlock(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
