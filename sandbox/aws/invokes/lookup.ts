import { AwsError } from "../errors";
import type { InvokeContext } from "../record";
import type { WorldObject } from "../../world";

/** What every look-up by id does: the object, or AWS's own error that it doesn't exist. */
export function lookedUp(
  { world, region }: InvokeContext,
  type: string,
  matches: (object: WorldObject) => boolean,
  refusal: { readonly code: string; readonly message: string; readonly source: string },
): WorldObject {
  // IAM's and Route 53's objects are global; a look-up elsewhere stays in its own Region.
  const global = /^aws:(iam|route53)\//.test(type);
  const found = world.find(type, (object) => (global || object.region === region) && matches(object));
  if (!found) throw new AwsError(refusal.code, refusal.message, refusal.source);
  return found;
}
