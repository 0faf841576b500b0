import { regionOf, type Checkpoint, type StateResource, unfinishedCreates } from "./checkpoint";
import { finderOf } from "./finders";
import { findByTags, type TagQuery } from "./tagged";
import type { ConfigMap } from "@pulumi/pulumi/automation";

/** What is known of an interrupted creation. */
export type Outcome =
  /** If it is there, it has this id; a refresh says whether it is. */
  | { readonly outcome: "candidate"; readonly id: string }
  /** It isn't there, or nothing comes of making it again. */
  | { readonly outcome: "forgotten"; readonly why: string }
  /** A person must look. */
  | { readonly outcome: "unclear"; readonly why: string };

/** Ids that the operator found, by URN; `undefined` where they found nothing. */
export type Answers = ReadonlyMap<string, string | undefined>;

/** Looks for everything whose creation was interrupted; the outcomes are in the order of the checkpoint. */
export async function search(
  checkpoint: Checkpoint,
  answers: Answers,
  config: () => Promise<ConfigMap>,
): Promise<[StateResource, Outcome][]> {
  const creates = unfinishedCreates(checkpoint);
  const queries = creates.filter(({ urn }) => !answers.has(urn)).flatMap((resource) => tagQuery(resource) ?? []);
  const found = queries.length === 0 ? [] : await findByTags(queries, await config());
  return creates.map((resource) => {
    if (answers.has(resource.urn)) return [resource, answered(answers.get(resource.urn))];
    const query = queries.findIndex(({ urn }) => urn === resource.urn);
    return [resource, judge(resource, found[query] ?? [], checkpoint)];
  });
}

function answered(id: string | undefined): Outcome {
  return id === undefined ? { outcome: "forgotten", why: "you say that it isn't there" } : { outcome: "candidate", id };
}

/** What is known of one of them, by the ARNs of all that carries its tags. */
export function judge({ type, inputs = {} }: StateResource, arns: readonly string[], checkpoint: Checkpoint): Outcome {
  const finder = finderOf(type);
  if (finder === undefined) return { outcome: "unclear", why: `nobody has said yet how a ${type} is found` };
  if (finder.by === "nothing") return { outcome: "forgotten", why: `made again: ${finder.why}` };
  if (finder.by === "person") return { outcome: "unclear", why: `look with ${finder.command(inputs)}` };
  if (finder.by === "inputs") {
    const id = finder.id(inputs);
    return id === undefined ? { outcome: "unclear", why: "it has no name of its own" } : { outcome: "candidate", id };
  }
  const known = knownIds(checkpoint);
  const ids = arns
    .filter((arn) => !known.has(arn))
    .map((arn) => finder.id(arn, inputs))
    .filter((id) => !known.has(`${type} ${id}`));
  const [id] = ids;
  if (Object.keys(tagsOf(inputs)).length === 0) return { outcome: "unclear", why: "it has no tags to look for" };
  if (id === undefined) return { outcome: "forgotten", why: "nothing carries its tags" };
  if (ids.length > 1) return { outcome: "unclear", why: `several carry its tags: ${ids.join(", ")}` };
  return { outcome: "candidate", id };
}

/** How something that AWS chose the id of is looked for; undefined where it isn't. */
export function tagQuery({ urn, type, inputs = {} }: StateResource): (TagQuery & { urn: string }) | undefined {
  const finder = finderOf(type);
  const tags = tagsOf(inputs);
  if (finder?.by !== "tags" || Object.keys(tags).length === 0) return undefined;
  const region = finder.region ?? regionOf(inputs);
  return { urn, resourceType: finder.resourceType, tags, ...(region !== undefined && { region }) };
}

function tagsOf(inputs: Readonly<Record<string, unknown>>): Record<string, string> {
  const tags = Object.entries((inputs["tags"] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(tags.filter((tag): tag is [string, string] => typeof tag[1] === "string"));
}

/**
 * ARNs, and ids by their types, of what the state has already: not what was lost. By their types, for the replica of a
 * multi-Region key has the id of its primary.
 */
function knownIds({ deployment }: Checkpoint): Set<string> {
  return new Set(
    (deployment.resources ?? []).flatMap(({ type, id, outputs }) =>
      [id && `${type} ${id}`, outputs?.["arn"]].filter((value): value is string => typeof value === "string"),
    ),
  );
}
