import { gunzipSync, gzipSync } from "node:zlib";
import { UNKNOWN, type Existing, type Properties } from "../provider/types";
import { InitializationError } from "../provider/errors";
import { awaitReady, noteWrite } from "./awaiting";
import { chartName, chartRecord, render, type ReleaseRequest } from "./charts";
import { installCrds } from "./crds";
import { pathOf, resourceType } from "./discovery";
import { hasUnknown } from "./objects";
import { reconcile, reconcileSoon } from "./reconcile";
import { ApiError, type KubernetesObject } from "./rest";
import type { Connection } from "./connection";
import { requestOf } from "./releaseInputs";

/** A release as Helm stores it (helm.sh/helm/v3/pkg/release), so that the real `helm list` reads it too. */
interface StoredRelease {
  name: string;
  namespace: string;
  version: number;
  info: { first_deployed: string; last_deployed: string; description: string; status: string };
  chart: { metadata: { apiVersion: string; name: string; version: string; appVersion: string } };
  config: Readonly<Record<string, unknown>>;
  /** Every object of the release, one JSON document after another (JSON is YAML). */
  manifest: string;
}

/** Helm releases in one cluster. */
export class HelmReleases {
  constructor(private readonly connection: Connection) {}

  async install(inputs: Properties, preview: boolean): Promise<Existing> {
    if (preview || hasUnknown(inputs))
      return { id: "", properties: { ...inputs, status: UNKNOWN, resourceNames: UNKNOWN } };
    const release = requestOf(inputs);
    const { client } = this.connection;
    if (await this.stored(release.namespace, release.name)) {
      throw new Error("cannot re-use a name that is still in use");
    }
    if (!(await client.find(`/api/v1/namespaces/${release.namespace}`))) {
      if (inputs["createNamespace"] !== true) {
        throw new Error(`create: failed to create: namespaces "${release.namespace}" not found`);
      }
      await client.request("POST", "/api/v1/namespaces", {}, { metadata: { name: release.namespace } });
    }
    const record = chartRecord(release.chart);
    if (!record)
      log(`helm: the sandbox doesn't play the chart "${release.chart}"; the release is recorded, nothing of it runs`);
    else if (inputs["skipCrds"] !== true && !record.withoutCrds?.(release.values))
      await installCrds(client, record.crds);
    return this.deploy(release, 1, []);
  }

  async upgrade(id: string, previous: Properties, inputs: Properties, preview: boolean): Promise<Existing> {
    if (preview || hasUnknown(inputs)) return { id, properties: { ...previous, ...inputs } };
    const release = requestOf(inputs);
    const stored = await this.stored(release.namespace, release.name);
    return this.deploy(release, (stored?.version ?? 0) + 1, stored ? objectsOf(stored) : []);
  }

  async read(id: string, properties: Properties | undefined, inputs?: Properties): Promise<Existing | undefined> {
    const [namespace = "default", name = ""] = id.split("/");
    const stored = await this.stored(namespace, name);
    if (!stored) return undefined;
    const { version, name: chart } = stored.chart.metadata;
    const known = inputs && Object.keys(inputs).length > 0 ? inputs : { chart, namespace, name };
    const values = known["values"] === undefined ? {} : { values: stored.config as Properties };
    const cleaned = { ...known, version, ...values } as Properties;
    return { id, properties: { ...properties, ...cleaned, ...outputsOf(stored) }, inputs: cleaned };
  }

  async uninstall(id: string): Promise<void> {
    const [namespace = "default", name = ""] = id.split("/");
    const stored = await this.stored(namespace, name);
    if (!stored) return;
    for (const object of objectsOf(stored).reverse()) await this.remove(object);
    await this.forget(namespace, name);
    noteWrite(this.connection);
    await reconcile(this.connection.cluster, this.connection.home);
  }

  private async deploy(release: ReleaseRequest, revision: number, before: KubernetesObject[]): Promise<Existing> {
    const objects = render(release);
    const applied: { path: string; object: KubernetesObject }[] = [];
    for (const object of objects) applied.push(await this.apply(object));
    for (const old of before) {
      if (!objects.some((object) => isSame(object, old))) await this.remove(old);
    }
    noteWrite(this.connection);
    const stored = storedRelease(release, revision, objects);
    const isAtomic = release.inputs["atomic"] === true;
    // All or nothing: what fails leaves no trace.
    if (!isAtomic) await this.store(stored);
    const id = `${release.namespace}/${release.name}`;
    const existing = { id, properties: { ...release.inputs, ...outputsOf(stored) } };
    if (release.inputs["skipAwait"] !== true) {
      try {
        for (const { path, object } of applied) await awaitReady(this.connection, path, object, {}, "created");
      } catch (error) {
        if (!(error instanceof InitializationError)) throw error;
        if (isAtomic) {
          await this.rollBack(objects, before);
          const undone = before.length > 0 ? "rolled back" : "uninstalled";
          const reasons = error.reasons.join("\n");
          throw new Error(
            `release ${release.name} failed, and has been ${undone} due to atomic being set: ${reasons}`,
            {
              cause: error,
            },
          );
        }
        const message = `Helm release "${id}" was created, but failed to initialize completely: ${error.message}`;
        throw new InitializationError(message, { ...existing, inputs: release.inputs }, [
          message,
          ...error.reasons.slice(1),
        ]);
      }
    } else reconcileSoon(this.connection.cluster, this.connection.home);
    if (isAtomic) await this.store(stored);
    return existing;
  }

  /** Puts back what was there before, for a release that is all or nothing. */
  private async rollBack(objects: KubernetesObject[], before: KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      if (!before.some((old) => isSame(old, object))) await this.remove(object);
    }
    for (const old of before) await this.apply(old);
    await reconcile(this.connection.cluster, this.connection.home);
  }

  private async apply(wish: KubernetesObject): Promise<{ path: string; object: KubernetesObject }> {
    const path = await this.pathTo(wish);
    const query = { fieldManager: "helm", force: true, fieldValidation: "Strict" };
    const options = { contentType: "application/apply-patch+yaml" };
    const object = await this.connection.client.request<KubernetesObject>("PATCH", path, query, wish, options);
    return { path, object };
  }

  private async remove(object: KubernetesObject): Promise<void> {
    try {
      await this.connection.client.request(
        "DELETE",
        await this.pathTo(object),
        {},
        { propagationPolicy: "Background" },
      );
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }

  private async pathTo({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> {
    const type = await resourceType(this.connection.client, apiVersion, kind);
    if (!type) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return pathOf(type, metadata.namespace, metadata.name);
  }

  private async stored(namespace: string, name: string): Promise<StoredRelease | undefined> {
    const labelSelector = `owner=helm,name=${name},status=deployed`;
    const { items } = await this.connection.client.get<{ items: { data: { release: string } }[] }>(
      `/api/v1/namespaces/${namespace}/secrets`,
      { labelSelector },
    );
    const [first] = items;
    if (!first) return undefined;
    // Helm encodes in base64 before Kubernetes does so once more.
    const packed = Buffer.from(Buffer.from(first.data.release, "base64").toString("utf8"), "base64");
    return JSON.parse(gunzipSync(packed).toString("utf8")) as StoredRelease;
  }

  private async forget(namespace: string, name: string): Promise<void> {
    const labelSelector = `owner=helm,name=${name}`;
    await this.connection.client.request("DELETE", `/api/v1/namespaces/${namespace}/secrets`, { labelSelector });
  }

  private async store(release: StoredRelease): Promise<void> {
    const { client } = this.connection;
    const collection = `/api/v1/namespaces/${release.namespace}/secrets`;
    await this.forget(release.namespace, release.name);
    await client.request(
      "POST",
      collection,
      {},
      {
        metadata: {
          name: `sh.helm.release.v1.${release.name}.v${release.version}`,
          labels: { owner: "helm", name: release.name, status: release.info.status, version: String(release.version) },
        },
        type: "helm.sh/release.v1",
        stringData: { release: gzipSync(JSON.stringify(release)).toString("base64") },
      },
    );
  }
}

function storedRelease(release: ReleaseRequest, version: number, objects: KubernetesObject[]): StoredRelease {
  const time = new Date().toISOString();
  const { name, namespace, values } = release;
  return {
    name,
    namespace,
    version,
    info: { first_deployed: time, last_deployed: time, description: "Install complete", status: "deployed" },
    chart: {
      metadata: {
        apiVersion: "v2",
        name: chartName(release.chart),
        version: release.version,
        appVersion: release.version,
      },
    },
    config: values,
    manifest: objects.map((object) => JSON.stringify(object)).join("\n---\n"),
  };
}

function objectsOf({ manifest }: StoredRelease): KubernetesObject[] {
  return manifest === "" ? [] : manifest.split("\n---\n").map((text) => JSON.parse(text) as KubernetesObject);
}

function isSame(one: KubernetesObject, other: KubernetesObject): boolean {
  return one.kind === other.kind && one.metadata.name === other.metadata.name;
}

/** The outputs `status` and `resourceNames` of Pulumi's Release. */
function outputsOf(stored: StoredRelease): Properties {
  const { metadata } = stored.chart;
  const resourceNames: Record<string, string[]> = {};
  for (const { apiVersion, kind, metadata: own } of objectsOf(stored)) {
    (resourceNames[`${kind}.${apiVersion}`] ??= []).push(`${own.namespace ?? ""}/${own.name}`);
  }
  return {
    status: {
      name: stored.name,
      namespace: stored.namespace,
      revision: stored.version,
      chart: metadata.name,
      version: metadata.version,
      appVersion: metadata.appVersion,
      status: stored.info.status,
    },
    resourceNames,
  };
}

function log(message: string): void {
  process.stderr.write(`${message}\n`);
}
