import { discover, pathOf } from "../discovery";
import { ApiError } from "../rest";
import type { ClusterState } from "./state";

/**
 * Every namespace has a ServiceAccount `default` and the API's certificate authority, or no pod can start in it
 * (kube-controller-manager: serviceaccount and root-ca-cert-publisher controllers).
 */
export async function furnishNamespaces(state: ClusterState): Promise<void> {
  for (const { metadata } of state.list("Namespace")) {
    if (metadata.deletionTimestamp) continue;
    const namespace = metadata.name;
    if (!state.get("ServiceAccount", namespace, "default")) {
      await state.create("ServiceAccount", { metadata: { name: "default", namespace } });
    }
    if (!state.get("ConfigMap", namespace, "kube-root-ca.crt")) {
      const data = { "ca.crt": state.client.server.certificateAuthority };
      await state.create("ConfigMap", { metadata: { name: "kube-root-ca.crt", namespace }, data });
    }
  }
}

/** Empties namespaces that are being deleted, and lets them go once they are empty (the namespace controller). */
export async function finalizeNamespaces(state: ClusterState): Promise<void> {
  const dying = state.list("Namespace").filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (dying.length === 0) return;
  const types = (await discover(state.client)).filter(
    (type) => type.namespaced && type.verbs.includes("deletecollection") && type.verbs.includes("list"),
  );
  for (const namespace of dying) {
    const name = namespace.metadata.name;
    const left = await Promise.all(types.map((type) => empty(state, pathOf(type, name))));
    if (left.some((count) => count > 0)) continue;
    try {
      const finalized = { ...namespace, apiVersion: "v1", kind: "Namespace", spec: { finalizers: [] } };
      await state.client.request("PUT", `/api/v1/namespaces/${name}/finalize`, {}, finalized);
      state.writes++;
    } catch (error) {
      if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
    }
  }
}

/** Deletes a collection; returns how many objects were still in it. */
async function empty(state: ClusterState, path: string): Promise<number> {
  const { items } = await state.client.get<{ items: { metadata: { deletionTimestamp?: string } }[] }>(path);
  if (items.some(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    await state.client.request("DELETE", path, { gracePeriodSeconds: 0, propagationPolicy: "Background" });
    state.writes++;
  }
  return items.length;
}
