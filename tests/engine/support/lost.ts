import { finderOf } from "../../../cli/recover/finders";
import { worldPath } from "../../../sandbox/home";
import { invokes, table } from "../../../sandbox/aws/table";
import { ACCOUNT, World } from "../../../sandbox/world";
import { inOrder, type Sandbox, type StateResource } from "./sandbox";

/**
 * Resources of all stacks that `selfhosted recover` couldn't find again, had the engine been killed while they were
 * made: each is looked for by what it was made of, in the account as it is.
 */
export async function unfindable(sandbox: Sandbox): Promise<string[]> {
  const world = new World(worldPath(sandbox.home));
  const lost: string[] = [];
  for (const stack of inOrder) {
    const made = (await sandbox.resources(stack)).filter(({ id, external }) => id !== undefined && !external);
    for (const resource of made) {
      const wrong = find(world, resource, made);
      if (wrong !== undefined) lost.push(`${resource.urn}: ${wrong}`);
    }
  }
  return lost;
}

function find(world: World, resource: StateResource, made: readonly StateResource[]): string | undefined {
  const { type, id = "", inputs = {} } = resource;
  const finder = finderOf(type);
  if (finder === undefined) return "nobody has said how it is found";
  if (finder.by === "nothing" || finder.by === "person") return undefined;
  if (finder.by === "inputs") {
    const found = finder.id(inputs);
    const object = world.get(type, id);
    const imported = object && table.get(type)?.importId?.(object);
    return [id, imported].includes(found) ? undefined : `looked for as ${found ?? "nothing"}, is ${imported ?? id}`;
  }
  const tags = Object.entries((inputs["tags"] ?? {}) as Record<string, string>);
  const search = invokes["aws:resourcegroupstaggingapi/getResources:getResources"];
  const tagFilters = tags.map(([key, value]) => ({ key, values: [value] }));
  const place = { world, region: "us-east-1", account: ACCOUNT, partition: "aws" };
  const answer = search?.({ resourceTypeFilters: [finder.resourceType], tagFilters }, place);
  const found = ((answer?.["resourceTagMappingLists"] ?? []) as { resourceArn: string }[]).map(({ resourceArn }) =>
    finder.id(resourceArn, inputs),
  );
  const object = world.get(type, id);
  const own = (object && table.get(type)?.importId?.(object)) ?? id;
  const others = new Set(made.filter((other) => other !== resource).flatMap((other) => other.id ?? []));
  const left = found.filter((one) => !others.has(one) && ![...others].some((other) => one.endsWith(`,${other}`)));
  return left.length === 1 && left[0] === own
    ? undefined
    : `its tags lead to ${left.join(", ") || "nothing"}, is ${own}`;
}
