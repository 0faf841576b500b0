import { TASK } from "../aws/ecs/names";
import { containersOf } from "../aws/ecs/taskDefinitions";
import { LISTENER, RULE, TARGET_GROUP } from "../aws/lb/names";
import { targetGroupsOf } from "../aws/lb/actions";
import { block, blocks, number, text } from "../aws/values";
import { connect } from "../kubernetes/clusters";
import type { TargetGroupBinding } from "../kubernetes/controllers/targetGroupBindings";
import { reconcile } from "../kubernetes/reconcile";
import { clusterNames } from "../kubernetes/record";
import type { RestClient } from "../kubernetes/rest";
import type { World, WorldObject } from "../world";
import { respond } from "./application";

/** A container that a target group sends requests to. */
export interface Target {
  readonly image: string;
  readonly port: number;
}

interface Listed<T> {
  readonly items: readonly T[];
}

/** Without endpoints the API writes `null`. */
interface EndpointSlice {
  readonly endpoints:
    | readonly {
        readonly conditions?: { readonly ready?: boolean };
        readonly targetRef?: { readonly name?: string };
      }[]
    | null;
  readonly ports: readonly { readonly port?: number }[] | null;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly {
      readonly image: string;
      readonly ports?: readonly { readonly containerPort: number }[];
    }[];
  };
}

/** Targets of a group that pass its health check: pods that a TargetGroupBinding registers, tasks of an ECS service. */
export async function healthyTargets(world: World, home: string, targetGroupArn: string): Promise<Target[]> {
  const group = world.get(TARGET_GROUP, targetGroupArn);
  if (!group) return [];
  const bound = await Promise.all(clusterNames(home).map((name) => podsOf(name, home, targetGroupArn)));
  return [...bound.flat(), ...tasksOf(world, targetGroupArn)].filter((target) => passes(group, target));
}

/** Whether a load balancer has a healthy target in every group that it sends to, as Route 53 asks of an alias's target. */
export async function hasHealthyTargets(world: World, home: string, loadBalancer: WorldObject): Promise<boolean> {
  const listeners = world.list(LISTENER).filter(({ properties }) => properties.loadBalancerArn === loadBalancer.id);
  const rules = world.list(RULE).filter(({ properties }) => listeners.some(({ id }) => id === properties.listenerArn));
  const groups = [
    ...listeners.map((one) => one.properties.defaultActions),
    ...rules.map((one) => one.properties.actions),
  ].flatMap((actions) => targetGroupsOf(blocks(actions)));
  const healthy = await Promise.all([...new Set(groups)].map((arn) => healthyTargets(world, home, arn)));
  return healthy.length > 0 && healthy.every((targets) => targets.length > 0);
}

/** Whether the container answers the group's health check with a code that it takes. */
function passes({ properties }: WorldObject, { image, port }: Target): boolean {
  const check = block(properties.healthCheck);
  const { status } = respond(image, port, text(check.path) ?? "/");
  return (text(check.matcher) ?? "200").split(",").some((range) => {
    const [first, last] = range.split("-").map(Number);
    return status >= (first ?? 0) && status <= (last ?? first ?? 0);
  });
}

async function podsOf(cluster: string, home: string, targetGroupArn: string): Promise<Target[]> {
  const client = await connect(cluster, home, "controller");
  // What was written before a request, by kubectl too, has its effect before the answer.
  await reconcile(cluster, home);
  const path = "/apis/elbv2.k8s.aws/v1beta1/targetgroupbindings";
  const bindings =
    (await client.find<Listed<TargetGroupBinding & { metadata?: { namespace?: string } }>>(path))?.items ?? [];
  const own = bindings.filter(
    ({ spec, status }) => spec?.targetGroupARN === targetGroupArn && status?.observedGeneration,
  );
  const found = own.map(({ spec, metadata }) =>
    endpointsOf(client, metadata?.namespace ?? "", spec?.serviceRef.name ?? ""),
  );
  return (await Promise.all(found)).flat();
}

async function endpointsOf(client: RestClient, namespace: string, service: string): Promise<Target[]> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const slices = await client.get<Listed<EndpointSlice>>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    { labelSelector },
  );
  const { items: pods } = await client.get<Listed<Pod>>(`/api/v1/namespaces/${namespace}/pods`);
  return slices.items.flatMap(({ endpoints, ports }) =>
    (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready)
      .flatMap(({ targetRef }) => pods.filter(({ metadata }) => metadata.name === targetRef?.name))
      .flatMap(({ spec }) => (ports ?? []).map(({ port = 0 }) => ({ image: spec.containers[0]?.image ?? "", port }))),
  );
}

function tasksOf(world: World, targetGroupArn: string): Target[] {
  return world.list("aws:ecs/service:Service").flatMap(({ properties }) => {
    const task = world.find(TASK, ({ id, properties: own }) => [id, own.arn].includes(text(properties.taskDefinition)));
    const containers = task ? (containersOf(task.properties) ?? []) : [];
    return blocks(properties.loadBalancers)
      .filter((one) => one.targetGroupArn === targetGroupArn && (number(properties.desiredCount) ?? 1) > 0)
      .flatMap(({ containerName, containerPort }) => {
        const image = text(containers.find(({ name }) => name === containerName)?.image);
        return image === undefined ? [] : [{ image, port: number(containerPort) ?? 0 }];
      });
  });
}
