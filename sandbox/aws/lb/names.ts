import { parseArn } from "../naming";
import { refusals, when, type Refusal } from "../rules";
import { text } from "../values";
import type { World, WorldObject } from "../../world";

export const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
export const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
export const LISTENER = "aws:lb/listener:Listener";
export const RULE = "aws:lb/listenerRule:ListenerRule";
export const LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate";

/** The page of an ELB API action, which states its limits and errors. */
export const api = (action: string) =>
  `https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_${action}.html`;
export const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/lb/${name}/`;

/** The limits that load balancers' and target groups' names share. */
export function lbName(value: string | undefined, source: string): Refusal {
  if (value === undefined) return undefined;
  return refusals(
    when(value.length > 32, "ValidationError", `name "${value}" has ${value.length} characters: at most 32`, source),
    when(
      !/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(value),
      "ValidationError",
      `name "${value}" may have letters, digits and hyphens, no hyphen at either end`,
      source,
    ),
  );
}

/** What comes after `loadbalancer/`, `listener/` or `targetgroup/` in an ARN, e.g. `app/name/0123456789abcdef`. */
export function suffixOf(arnText: string): string {
  return parseArn(arnText)?.resource.replace(/^[\w-]+\//, "") ?? "";
}

/** Listeners of a load balancer, by its ARN. */
export function listenersOf(world: World, loadBalancerArn: string): WorldObject[] {
  return world.list(LISTENER).filter(({ properties }) => properties.loadBalancerArn === loadBalancerArn);
}

/** Rules of a listener, by its ARN. */
export function rulesOf(world: World, listenerArn: string): WorldObject[] {
  return world.list(RULE).filter(({ properties }) => properties.listenerArn === listenerArn);
}

/** The load balancer that a listener's or a rule's target groups would serve. */
export function loadBalancerOf(world: World, listenerArn: string | undefined): WorldObject | undefined {
  const listener = world.get(LISTENER, listenerArn ?? "");
  return world.get(LOAD_BALANCER, text(listener?.properties.loadBalancerArn) ?? "");
}
