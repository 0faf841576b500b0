import type { RestClient } from "./rest";

/** Where a kind lives in the API. */
export interface ResourceType {
  /** Group and version as objects carry it: `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Lower-case plural of the URL: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Aggregated discovery (KEP-3352), as `/api` and `/apis` answer it. */
interface GroupDiscoveryList {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      resources?: {
        resource: string;
        responseKind: { kind: string };
        scope: "Namespaced" | "Cluster";
        verbs: string[];
      }[];
    }[];
  }[];
}

const ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const known = new WeakMap<RestClient, Promise<readonly ResourceType[]>>();

/** Every type the server serves now. */
export async function discover(client: RestClient): Promise<readonly ResourceType[]> {
  const lists = await Promise.all(
    ["/api", "/apis"].map((path) => client.request<GroupDiscoveryList>("GET", path, {}, undefined, { accept: ACCEPT })),
  );
  return lists.flatMap((list) =>
    list.items.flatMap((group) =>
      group.versions.flatMap((version) =>
        (version.resources ?? []).map((resource) => ({
          apiVersion: group.metadata.name ? `${group.metadata.name}/${version.version}` : version.version,
          kind: resource.responseKind.kind,
          plural: resource.resource,
          namespaced: resource.scope === "Namespaced",
          verbs: resource.verbs,
        })),
      ),
    ),
  );
}

/** The type of an object, or `undefined` where the server has no such kind (a CRD not installed, a version removed). */
export async function resourceType(
  client: RestClient,
  apiVersion: string,
  kind: string,
): Promise<ResourceType | undefined> {
  const matches = (type: ResourceType): boolean => type.apiVersion === apiVersion && type.kind === kind;
  const found = (await known.get(client))?.find(matches);
  if (found) return found;
  const fresh = discover(client);
  known.set(client, fresh);
  try {
    return (await fresh).find(matches);
  } catch (error) {
    known.delete(client);
    throw error;
  }
}

/** URL path of a type's collection, or of one object in it. */
export function pathOf(
  type: Omit<ResourceType, "verbs" | "kind">,
  namespace: string | undefined,
  name?: string,
): string {
  const root = type.apiVersion.includes("/") ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const inNamespace = type.namespaced && namespace ? `/namespaces/${namespace}` : "";
  return `${root}${inNamespace}/${type.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
