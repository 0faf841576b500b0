import type { Registered } from "../support/mocks";
import { actionFacts, type PolicyStatement } from "../support/authorization";
import { compute } from "./compute";
import { edge } from "./edge";
import type { Grant, Grants } from "./grant";
import { filledIn } from "./names";
import { network } from "./network";
import { places } from "./places";
import { storage } from "./storage";

/** Everything known about what the AWS provider needs. */
export const grants: Grants = { ...network, ...compute, ...storage, ...edge };

/** What a folder asks of AWS: tokens of types and look-ups. */
export function tokensOf(resources: readonly Registered[], invokes: readonly string[]): string[] {
  const made = resources.filter(({ type, inputs }) =>
    // Another provider of AWS needs rights of its own only when it takes on a role.
    type === "pulumi:providers:aws" ? JSON.stringify(inputs).includes("roleArn") : /^awsx?:/.test(type),
  );
  const asked = invokes.filter((token) => token.startsWith("aws:"));
  return [...new Set([...made.map(({ type }) => type), ...asked])].sort();
}

/** IAM's limit for a managed policy, spaces and line ends not counted. Source: IAM quotas. */
export const MAX_CHARACTERS = 6144;

/** Deletions of things whose names AWS chooses: allowed for what carries the installation's tag. */
const OWN_ONLY = /^(?:ec2:(?:Delete(?!Tags)|Release)|kms:ScheduleKeyDeletion$)/;
const OWN = { StringEquals: { "aws:ResourceTag/pulumi-selfhosted:installation": "__PREFIX__" } };

const TAGGING = new Set(["ec2:CreateTags", "ec2:DeleteTags"]);
const LOOK_UP = /\/get[A-Z]/;

/** What is looked up may be somebody else's and have any name; secrets are the exception, for looking reads them. */
function given(place: string): string {
  return place.includes(":secretsmanager:") ? place : place.replace("__PREFIX__*", "*");
}

/**
 * The policy that allows what these tokens need and nothing else, with the reasons why it can't be written.
 * @returns faults of the tables, each saying what to do.
 */
export async function policyOf(
  tokens: readonly string[],
): Promise<{ readonly statements: PolicyStatement[]; readonly faults: string[] }> {
  const faults: string[] = [];
  const needed = tokens.flatMap((token): (Grant & { readonly looksUp: boolean })[] => {
    const grant = grants[token];
    if (grant) return [{ ...grant, looksUp: LOOK_UP.test(token) }];
    faults.push(
      `tests/installer has no entry for ${token}; add what the AWS provider calls for it (create, read, update, delete, ` +
        `tag) to the table of its kind, then run \`npm run policies\``,
    );
    return [];
  });
  const groups = new Map<string, { actions: Set<string>; resources: Set<string> }>();
  for (const looksUp of [false, true]) {
    for (const action of new Set(needed.filter((one) => one.looksUp === looksUp).flatMap((one) => one.actions))) {
      const facts = await actionFacts(action);
      if (!facts?.exact) {
        faults.push(`AWS has no action ${action}; correct it in tests/installer`);
        continue;
      }
      const [service = ""] = action.split(":");
      const found = facts.resources.flatMap(({ type }) => places[`${service} ${type}`] ?? []);
      const unplaced = facts.resources.filter(({ type, required }) => required && !places[`${service} ${type}`]);
      if (unplaced.length > 0 || (facts.resources.length > 0 && found.length === 0)) {
        const names = (unplaced.length > 0 ? unplaced : facts.resources).map(({ type }) => `"${service} ${type}"`);
        faults.push(`tests/installer/places.ts doesn't say where ${action} acts; add ${names.join(" or ")}`);
        continue;
      }
      const isGiven = looksUp && found.some((place) => given(place) !== place);
      const key = facts.resources.length === 0 ? "Everywhere" : OWN_ONLY.test(action) ? `Own-${service}` : service;
      const name = isGiven ? `Given-${service}` : key;
      const group = groups.get(name) ?? { actions: new Set(), resources: new Set() };
      groups.set(name, group);
      group.actions.add(action);
      // Whatever else is done names the places; EC2's tags could be on everything there is.
      if (TAGGING.has(action)) continue;
      for (const place of found.length > 0 ? found : ["*"]) group.resources.add(looksUp ? given(place) : place);
    }
  }
  const statements = [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, { actions, resources }]) => ({
      Sid: sid(key.replace(/^Own-/, "delete-own-").replace(/^Given-/, "look-at-given-")),
      Effect: "Allow",
      Action: [...actions].sort(),
      Resource: [...resources].sort(),
      ...(key.startsWith("Own-") && { Condition: OWN }),
    }));
  return { statements: [...statements, ...handedOn(needed)], faults };
}

/** Rights that services use in the caller's name: keys, roles handed to them, roles of their own. */
function handedOn(needed: readonly Grant[]): PolicyStatement[] {
  const sorted = (values: readonly string[]) => [...new Set(values)].sort();
  const keyActions = sorted(needed.flatMap((grant) => grant.keysThroughServices ?? []));
  const passedTo = sorted(needed.flatMap((grant) => grant.passesRolesTo ?? []));
  const linked = sorted(needed.flatMap((grant) => grant.linkedRolesOf ?? []));
  const keys = places["kms key"] ?? [];
  const statement = (
    Sid: string,
    Action: string[],
    Resource: readonly string[],
    Condition: PolicyStatement["Condition"],
  ) => (Action.length > 0 ? [{ Sid, Effect: "Allow", Action, Resource, Condition }] : []);
  return [
    ...statement(
      "GrantKeys",
      keyActions.filter((action) => action === "kms:CreateGrant"),
      keys,
      {
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    ),
    ...statement(
      "UseKeys",
      keyActions.filter((action) => action !== "kms:CreateGrant"),
      keys,
      {
        StringLike: { "kms:ViaService": "*.__REGION__.amazonaws.com" },
      },
    ),
    ...statement("PassRoles", passedTo.length > 0 ? ["iam:PassRole"] : [], places["iam role"] ?? [], {
      StringEquals: { "iam:PassedToService": passedTo },
    }),
    ...statement(
      "MakeServiceLinkedRoles",
      linked.length > 0 ? ["iam:CreateServiceLinkedRole"] : [],
      linked.map((service) => `arn:__PARTITION__:iam::__ACCOUNT__:role/aws-service-role/${service}/*`),
      { StringEquals: { "iam:AWSServiceName": linked } },
    ),
  ];
}

function sid(service: string): string {
  return service.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

/** The statements as the text of few managed policies, each within IAM's limit whatever its placeholders stand for. */
export function documentsOf(statements: readonly PolicyStatement[]): string[] {
  const size = (part: readonly PolicyStatement[]) =>
    filledIn(JSON.stringify({ Version: "2012-10-17", Statement: part }), "longest").length;
  const parts: PolicyStatement[][] = [];
  for (const statement of [...statements].sort((a, b) => size([b]) - size([a]))) {
    const room = parts.find((part) => size([...part, statement]) <= MAX_CHARACTERS);
    if (room) room.push(statement);
    else parts.push([statement]);
  }
  return parts.map((Statement) => `${JSON.stringify({ Version: "2012-10-17", Statement }, null, 2)}\n`);
}
