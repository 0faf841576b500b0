import type { KubernetesObject } from "../rest";
import { hasLoadBalancerController } from "./services";
import type { ClusterState } from "./state";

/** `elbv2.k8s.aws/v1beta1`, of the AWS Load Balancer Controller. */
export interface TargetGroupBinding extends Partial<Omit<KubernetesObject, "metadata">> {
  spec?: { targetGroupARN?: string; targetGroupName?: string; serviceRef: { name: string; port: number | string } };
  status?: { observedGeneration?: number };
}

const FINALIZER = "elbv2.k8s.aws/resources";

/** Bindings whose target group or Service doesn't exist, by uid: why they are not served. */
const problems = new Map<string, string>();

/** Why a binding registers nothing, in the controller's words, or `undefined`. */
export function bindingProblem(uid: string): string | undefined {
  return problems.get(uid);
}

/** Registers pods with target groups: here, checks that both ends exist, and says so in `status`. */
export async function bindTargetGroups(
  state: ClusterState,
  targetGroupExists: (arnOrName: string) => boolean,
): Promise<void> {
  if (!hasLoadBalancerController(state)) return;
  for (const binding of state.list("TargetGroupBinding")) {
    const { metadata, spec } = binding;
    const uid = metadata.uid ?? "";
    if (metadata.deletionTimestamp) {
      const finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER);
      await state.patch("TargetGroupBinding", binding, { metadata: { finalizers } });
      problems.delete(uid);
      continue;
    }
    if (!metadata.finalizers?.includes(FINALIZER)) {
      await state.patch("TargetGroupBinding", binding, {
        metadata: { finalizers: [...(metadata.finalizers ?? []), FINALIZER] },
      });
    }
    const group = spec.targetGroupARN ?? spec.targetGroupName ?? "";
    const service = state.get("Service", metadata.namespace, spec.serviceRef.name);
    const { port } = spec.serviceRef;
    const hasPort = service?.spec.ports?.some((each) => each.port === port || each.name === port);
    const problem = !targetGroupExists(group)
      ? `TargetGroupNotFound: One or more target groups not found (${group})`
      : !service
        ? `service "${spec.serviceRef.name}" not found`
        : !hasPort
          ? `service "${spec.serviceRef.name}" has no port ${port}`
          : undefined;
    if (problem !== undefined) {
      problems.set(uid, problem);
      continue;
    }
    problems.delete(uid);
    await state.writeStatus("TargetGroupBinding", binding, { observedGeneration: metadata.generation });
  }
}
