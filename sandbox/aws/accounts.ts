import type { Place } from "./naming";
import { statements, type Statement } from "./policyDocuments";
import { block, text } from "./values";
import { readConfiguration } from "./configuration";
import { AwsError } from "./errors";
import { partitionOf } from "./regions";
import type { Configuration } from "../provider/types";
import { World } from "../world";

const SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html";

/**
 * The AWS accounts that can be reached: the sandbox's own, and those that a provider assumes a role in, each a world of
 * its own that holds just what is in that account.
 */
export class Accounts {
  private readonly others = new Map<string, World>();

  /** @param pathOf File of another account's world; without one, it lives in memory. */
  constructor(
    private readonly own: World,
    private readonly pathOf: (account: string) => string | undefined = () => undefined,
  ) {}

  /**
   * The account that a provider's configuration leads to, through each of its roles in turn.
   * @throws AwsError when a role doesn't exist or doesn't let its caller in.
   */
  reachedBy(configuration: Configuration): World {
    let world = this.own;
    for (const { roleArn, externalId } of readConfiguration(configuration).assumeRoles) {
      const next = this.of(/^arn:[\w-]+:iam::(\d{12}):role\//.exec(roleArn)?.[1] ?? "");
      const role = next.find("aws:iam/role:Role", ({ properties }) => properties.arn === roleArn);
      const trust = statements(role?.properties.assumeRolePolicy) ?? [];
      if (!trust.some((statement) => letsIn(statement, world.account, externalId))) {
        // STS says the same of a role that isn't there: a stranger learns nothing.
        throw new AwsError(
          "AccessDenied",
          `Cannot assume IAM Role: a caller of account ${world.account} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
          SOURCE,
        );
      }
      world = next;
    }
    return world;
  }

  /** An account by its number. */
  of(account: string): World {
    if (account === this.own.account) return this.own;
    const world = this.others.get(account) ?? new World(this.pathOf(account), undefined, account);
    this.others.set(account, world);
    return world;
  }
}

/** Whether a role's trust names the caller's account, and the external id where it asks for one. */
function letsIn({ effect, actions, principals, raw }: Statement, caller: string, externalId?: string): boolean {
  const asked = text(block(block(raw.Condition).StringEquals)["sts:ExternalId"]);
  return (
    effect === "Allow" &&
    actions.some((action) => ["sts:AssumeRole", "sts:*"].includes(action)) &&
    (principals.AWS ?? []).some((principal) => principal === caller || principal.split(":")[4] === caller) &&
    (asked === undefined || asked === externalId)
  );
}

/** Where something is, in an account. */
export function placeOf({ account }: World, region: string): Place {
  return { region, account, partition: partitionOf(region) };
}
