import { ClusterState } from "./controllers/state";
import { hasLoadBalancerController } from "./controllers/services";
import { targetGroupExists } from "./reconcile";
import { ApiError, type KubernetesObject, type RestClient } from "./rest";

/**
 * What admission webhooks that charts install would refuse. The AWS Load Balancer Controller looks every
 * TargetGroupBinding's target group up in AWS when the binding is made, and nothing passes while it isn't running.
 */
export async function passWebhooks(client: RestClient, object: KubernetesObject): Promise<void> {
  if (object.kind !== "TargetGroupBinding" || !object.apiVersion.startsWith("elbv2.k8s.aws/")) return;
  const webhook = "mtargetgroupbinding.elbv2.k8s.aws";
  const pods = await ClusterState.load(client);
  if (!hasLoadBalancerController(pods)) {
    throw new ApiError(
      500,
      "InternalError",
      `Internal error occurred: failed calling webhook "${webhook}": no endpoints available for service ` +
        `"aws-load-balancer-webhook-service"`,
    );
  }
  const { targetGroupARN, targetGroupName } = (object["spec"] ?? {}) as Record<string, string | undefined>;
  const group = targetGroupARN ?? targetGroupName ?? "";
  if (!targetGroupExists(group)) {
    throw new ApiError(
      403,
      "Forbidden",
      `admission webhook "${webhook}" denied the request: unable to get target group: TargetGroupNotFound: One or more ` +
        `target groups not found (${group})`,
    );
  }
}
