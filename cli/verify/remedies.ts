import { contract, shared, type StackName } from "@selfhosted/common";
import type { Facts } from "./facts";

/** Brings a stack back to what its program says. */
export function bringBack({ stack }: Facts, name: StackName = "service"): string {
  return `cd ${contract[name].folder} && pulumi up --refresh --stack ${stack}`;
}

/** What is between this machine and the listeners. */
export function reach(facts: Facts): string {
  return `port 443 must be open from here (ingressCidrBlocks, scheme) and the listener there: ${bringBack(facts)}`;
}

/** Why a component's pods or tasks don't serve. */
export function lookAtPods({ platform }: Facts, component: "api" | "console"): string {
  return platform === "fargate" ? ecs(component) : `kubectl describe pods ${selector(component)}`;
}

/** What a component itself says. */
export function lookAtLogs({ platform }: Facts, component: "api" | "console"): string {
  return platform === "fargate" ? ecs(component) : `kubectl logs --tail 50 ${selector(component)}`;
}

function selector(component: "api" | "console"): string {
  return `-n ${shared.serviceNamespace} -l app.kubernetes.io/name=${shared.serviceAccounts[component]}`;
}

function ecs(component: string): string {
  return `read the events of the ${component}'s ECS service (aws ecs describe-services) and its log group`;
}
