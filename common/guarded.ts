import * as pulumi from "@pulumi/pulumi";

/** What stands in the engine's error when a destroy is refused: it doesn't run the program, which could say it otherwise. */
const REMEDY = "to destroy, first run: pulumi config set protect false; pulumi up";

/**
 * Makes resources and, behind all of them, one that stands for their protection. A destroy begins with what nothing else
 * depends on, so it ends at this one with one error, whose name says how to lift it, in place of one for each of a hundred
 * protected resources; and whatever isn't protected itself stays too.
 */
export function guarded<T>(protect: boolean, make: () => T): T {
  const made: pulumi.Resource[] = [];
  pulumi.runtime.registerStackTransformation(({ resource }) => {
    made.push(resource);
    return undefined;
  });
  const result = make();
  // There when the protection is lifted as well: what isn't in the program any more would be deleted, and is protected.
  if (made.length > 0) {
    new pulumi.ComponentResource("selfhosted:index:Protection", REMEDY, {}, { protect, dependsOn: [...made] });
  }
  return result;
}
