import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { shared } from "@selfhosted/common";
import type { ServiceConfig } from "../config";
import { deliveryOf, type Stage } from "./delivery";

/** Where the objects of one stage go. */
export interface Place {
  /** Metadata of an object that belongs to a component. */
  metadata(
    name: pulumi.Input<string>,
    component: string,
    annotations?: Readonly<Record<string, pulumi.Input<string>>>,
  ): k8s.types.input.meta.v1.ObjectMeta;
  /** Options that deliver an object, once the namespace and `resources` are there. */
  after(
    resources?: readonly pulumi.Resource[],
  ): pulumi.CustomResourceOptions & { readonly dependsOn: pulumi.Resource[] };
  /** Where what must be there before goes: accounts, secrets, policies. */
  readonly base: Place;
}

/** The namespace, by stages. */
export interface Places {
  at(stage: Stage): Place;
  /** Options of AWS's records of what is in the cluster. */
  readonly records: pulumi.CustomResourceOptions;
}

/**
 * The service's namespace. Pods that don't keep to Pod Security's `restricted` level are refused; and the load balancer
 * controller counts a pod as ready only when the load balancer reaches it, so a rollout never outruns it.
 */
export function makeNamespace(config: ServiceConfig): Places {
  const delivery = deliveryOf(config);
  const namespace = new k8s.core.v1.Namespace(
    "service",
    {
      metadata: {
        name: shared.serviceNamespace,
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
          "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled",
        },
        annotations: delivery.annotations("base"),
      },
    },
    delivery.options("base"),
  );
  const at = (stage: Stage): Place => ({
    metadata: (name, component, annotations) => ({
      name,
      namespace: shared.serviceNamespace,
      labels: labels(component),
      annotations: { ...delivery.annotations(stage), ...annotations },
    }),
    after: (resources = []) => ({ ...delivery.options(stage), dependsOn: [namespace, ...resources] }),
    get base() {
      return stage === "base" ? this : at("base");
    },
  });
  return { at, records: delivery.records };
}

/** Labels of a component's objects; `selectorLabels` alone choose its pods. */
export function labels(name: string): Record<string, string> {
  return { ...selectorLabels(name), "app.kubernetes.io/part-of": "pulumi", "app.kubernetes.io/managed-by": "pulumi" };
}

/** Labels by which services, budgets and policies find exactly one component's pods. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}
