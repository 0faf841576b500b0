import { contract, shared, type StackName } from "@selfhosted/common";
import type { Facts } from "./facts";

/** Brings a stack back to what its program says. */
export function bringBack({ stack }: Facts, name: StackName = "service"): string {
  return `cd ${contract[name].folder} && pulumi up --refresh --stack ${stack}`;
}

/** What is between this machine and a listener. */
export function reach(facts: Facts, port: 80 | 443): string {
  return (
    `port ${port} must be open from here (ingressCidrBlocks in ${contract.service.folder}); a load balancer with scheme internal answers in the VPC and ` +
    `what is connected to it: ask there, or through a tunnel (--connect-to ::localhost:8443). Is the listener gone: ${bringBack(facts)}`
  );
}

/** Why a component's pods or tasks don't serve. */
export function lookAtPods(facts: Facts, component: "api" | "console"): string {
  return facts.platform === "fargate" ? lookAtTasks(facts, component) : `kubectl describe pods ${selector(component)}`;
}

/** What a component itself says. */
export function lookAtLogs(facts: Facts, component: "api" | "console"): string {
  return facts.platform === "fargate" ? lookAtTasks(facts, component) : `kubectl logs --tail 50 ${selector(component)}`;
}

function selector(component: "api" | "console"): string {
  return `-n ${shared.serviceNamespace} -l app.kubernetes.io/name=${shared.serviceAccounts[component]}`;
}

function lookAtTasks({ names }: Facts, component: "api" | "console"): string {
  const name = shared.serviceAccounts[component];
  return (
    `aws ecs describe-services --cluster ${names.cluster()} --services ${name} --query 'services[].events[:5].message'; ` +
    `aws logs tail ${names.logGroup(name)} --since 1h (unless logDriver sends them elsewhere)`
  );
}
