import type { KubernetesObject } from "../rest";
import { hasLoadBalancerController } from "./services";
import type { ClusterState } from "./state";

/** `elbv2.k8s.aws/v1beta1`, of the AWS Load Balancer Controller. */
export interface TargetGroupBinding extends Partial<Omit<KubernetesObject, "metadata">> {
  spec?: { targetGroupARN?: string; targetGroupName?: string; serviceRef: { name: string; port: number | string } };
  status?: { observedGeneration?: number };
}

const FINALIZER = "elbv2.k8s.aws/resources";

/** Registers pods with target groups: here, checks that both ends exist, and says so in `status`. */
export async function bindTargetGroups(
  state: ClusterState,
  targetGroupExists: (arnOrName: string) => boolean,
): Promise<void> {
  if (!hasLoadBalancerController(state)) return;
  for (const binding of state.list("TargetGroupBinding")) {
    const { metadata, spec } = binding;
    if (metadata.deletionTimestamp) {
      const finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER);
      await state.patch("TargetGroupBinding", binding, { metadata: { finalizers } });
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
    // Not observed, as in a real cluster: the controller tries again until both ends are there.
    if (!targetGroupExists(group) || !hasPort) continue;
    await state.writeStatus("TargetGroupBinding", binding, { observedGeneration: metadata.generation });
  }
}
