import * as kinds from "./kinds";
import type { Problems } from "./problems";
import { defaulted, optional } from "./settings";

const deliveries = ["apply", "handover", "gitops"] as const;

/** Who brings a stack's objects to the cluster: Pulumi, or a GitOps tool; `handover` is the step between the two. */
export type DeliveryName = (typeof deliveries)[number];

/** The keys of a stack whose objects a GitOps tool may apply: the same words in each. */
export const deliverySettings = {
  deliver: defaulted(
    kinds.oneOf(...deliveries),
    "apply",
    "who brings the Kubernetes objects to the cluster: Pulumi, or a GitOps tool from files that Pulumi writes",
  ),
  gitopsDirectory: optional(
    kinds.matching(/^(?!\/)[\w./-]+[\w]$/, "must be a relative path", "gitops/prod"),
    "where the files go",
  ),
};

/**
 * Refuses a move between Pulumi and a GitOps tool that leaves out the handover.
 * @param before What the last run published; undefined for a stack that isn't there yet.
 */
export function checkDelivery(
  before: { readonly delivery?: unknown } | undefined,
  now: DeliveryName,
  problems: Problems,
): void {
  // A stack that published nothing of the kind is older than the setting.
  const delivered = before === undefined ? "handover" : (before.delivery ?? "apply");
  const [first, steps] = [
    "run `pulumi config set deliver handover && pulumi up` first",
    "docs/gitops.md has the steps",
  ];
  if (now === "gitops" && delivered === "apply") {
    problems.add(
      `Pulumi applied this installation's objects and would delete them with deliver gitops; ${first}; ${steps}`,
    );
  }
  if (now === "apply" && delivered === "gitops") {
    problems.add(
      `a GitOps tool applied this installation's objects, which Pulumi can't make twice; ${first}; ${steps}`,
    );
  }
}
