import type * as client from "@kubernetes/client-node";
import type { ObjectMeta } from "../rest";
import type { NodePool } from "../nodePools";
import type { TargetGroupBinding } from "./targetGroupBindings";

/** A type of the official client as it is on the wire: JSON, times as text, no classes. */
type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Field in keyof T]: Wire<T[Field]> }
      : T;

export type Container = Wire<client.V1Container>;
export type LabelSelector = Wire<client.V1LabelSelector>;
export type NodeSelectorTerm = Wire<client.V1NodeSelectorTerm>;
export type PodSpec = Wire<client.V1PodSpec>;
export type PodTemplate = Wire<client.V1PodTemplateSpec>;
export type SecretKeySelector = Wire<client.V1SecretKeySelector>;
export type Taint = Wire<client.V1Taint>;
export type Toleration = Wire<client.V1Toleration>;
export type Volume = Wire<client.V1Volume>;

/** The kinds that controllers read and write. */
export interface Kinds {
  Namespace: Wire<client.V1Namespace>;
  Node: Wire<client.V1Node>;
  Pod: Wire<client.V1Pod>;
  Secret: Wire<client.V1Secret>;
  ConfigMap: Wire<client.V1ConfigMap>;
  ServiceAccount: Wire<client.V1ServiceAccount>;
  Service: Wire<client.V1Service>;
  PersistentVolume: Wire<client.V1PersistentVolume>;
  PersistentVolumeClaim: Wire<client.V1PersistentVolumeClaim>;
  ResourceQuota: Wire<client.V1ResourceQuota>;
  ReplicaSet: Wire<client.V1ReplicaSet>;
  Deployment: Wire<client.V1Deployment>;
  StatefulSet: Wire<client.V1StatefulSet>;
  DaemonSet: Wire<client.V1DaemonSet>;
  Job: Wire<client.V1Job>;
  EndpointSlice: Wire<client.V1EndpointSlice>;
  HorizontalPodAutoscaler: Wire<client.V2HorizontalPodAutoscaler>;
  PodDisruptionBudget: Wire<client.V1PodDisruptionBudget>;
  StorageClass: Wire<client.V1StorageClass>;
  Ingress: Wire<client.V1Ingress>;
  NodePool: NodePool;
  TargetGroupBinding: TargetGroupBinding;
}
export type Kind = keyof Kinds;

/** An object as the server returns it: metadata and spec always there. */
export type Live<T> = Omit<T, "metadata" | "spec"> & { metadata: ObjectMeta } & (T extends { spec?: infer Spec }
    ? { spec: NonNullable<Spec> }
    : unknown);
