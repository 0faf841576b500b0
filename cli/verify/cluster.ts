import type { V1Deployment, V1Job, V1Pod } from "@kubernetes/client-node";
import { contract, shared } from "@selfhosted/common";
import { reason } from "../reason";
import type { Facts } from "./facts";
import { Failure, Skipped, lookOnce, type Check } from "./outcome";
import { bringBack } from "./remedies";

/** What the cluster holds of the service. */
export interface Workloads {
  readonly deployments: readonly V1Deployment[];
  readonly jobs: readonly V1Job[];
  readonly pods: readonly V1Pod[];
}

const NAME = "app.kubernetes.io/name";
const IN_NAMESPACE = `-n ${shared.serviceNamespace}`;

/** Reads the service's workloads with the rights of the kubeconfig. */
export async function readWorkloads(kubeconfig: string): Promise<Workloads> {
  // Half a second to load, and not needed where the cluster isn't asked.
  const { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const where = { namespace: shared.serviceNamespace, labelSelector: "app.kubernetes.io/part-of=pulumi" };
  const [deployments, jobs, pods] = await Promise.all([
    config.makeApiClient(AppsV1Api).listNamespacedDeployment(where),
    config.makeApiClient(BatchV1Api).listNamespacedJob(where),
    config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: where.namespace }),
  ]);
  return { deployments: deployments.items, jobs: jobs.items, pods: pods.items };
}

/**
 * Whether the version that 08 was told to run is the one that runs, and its migrations are through. The cluster is asked:
 * nothing that Pulumi documents of the API's answers tells its version.
 */
export function clusterChecks(facts: Facts, read: (kubeconfig: string) => Promise<Workloads>): Check[] {
  const { kubeconfig, version } = facts;
  const { first, judged } = lookOnce("cluster", async () => {
    if (version === undefined) throw new Skipped(`${contract.service.folder} is not deployed here`);
    if (kubeconfig === undefined) {
      throw new Skipped(
        `no kubeconfig is known: ${contract.cluster.folder} isn't up, or not as ${facts.stack}; give one with --kubeconfig`,
      );
    }
    try {
      const workloads = await read(kubeconfig);
      const detail = `${workloads.deployments.length} Deployments, ${workloads.jobs.length} Jobs`;
      return { found: { ...workloads, version }, detail };
    } catch (error) {
      throw new Failure(
        `it gives no answer (${firstLine(error)})`,
        `it takes the AWS CLI, an identity with an access entry (03-cluster), and a network that reaches the cluster: kubectl get pods ${IN_NAMESPACE} tells more; or leave it out: --no-cluster`,
      );
    }
  });
  const serving = (component: "api" | "console"): Check =>
    judged(`version of the ${component}`, ({ version, deployments, pods }) => {
      const name = shared.serviceAccounts[component];
      const deployment = deployments.find(({ metadata }) => metadata?.name === name);
      if (!deployment) throw new Failure(`there is no Deployment ${name}`, bringBack(facts));
      return running(deployment, pods, version, facts);
    });
  return [
    first,
    serving("api"),
    serving("console"),
    judged("migrations", ({ version, jobs }) => migration(jobs, version, facts)),
  ];
}

function running(
  { metadata, spec, status }: V1Deployment,
  pods: readonly V1Pod[],
  version: string,
  facts: Facts,
): string {
  const name = metadata?.name ?? "";
  const image = spec?.template.spec?.containers[0]?.image ?? "none";
  if (tagOf(image) !== version) {
    throw new Failure(
      `${name} runs ${image}, ${contract.service.folder} says ${version}`,
      `somebody else changed it, or an upgrade didn't come to its end: ${bringBack(facts)}`,
    );
  }
  const wanted = spec?.replicas ?? 1;
  if (wanted === 0) {
    throw new Failure(
      `${name} is scaled to no pods at all`,
      `kubectl scale ${IN_NAMESPACE} deployment/${name} --replicas 2; the autoscaler goes on from there`,
    );
  }
  const [updated, available, all] = [
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    status?.replicas ?? 0,
  ];
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  if (!seen || updated < wanted || available < wanted || all > updated) {
    const why = pods.filter((pod) => pod.metadata?.labels?.[NAME] === name).flatMap(troubleOf);
    const causes = why.length === 0 ? "" : `: ${[...new Set(why)].join(", ")}`;
    throw new Failure(
      `${name}: of ${wanted} pods ${updated} are of ${version} and ${available} serve${causes}`,
      `kubectl describe pods ${IN_NAMESPACE} -l ${NAME}=${name}; kubectl rollout status ${IN_NAMESPACE} deployment/${name}`,
    );
  }
  return `${image}, ${available} pods serve`;
}

/** Why a pod doesn't serve, in Kubernetes' own words. */
function troubleOf({ status }: V1Pod): string[] {
  const waiting = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.waiting?.reason ?? []);
  const unscheduled = (status?.conditions ?? []).flatMap(({ type, status: met, message }) =>
    type === "PodScheduled" && met === "False" ? (message ?? "not scheduled") : [],
  );
  return [...waiting, ...unscheduled];
}

function migration(jobs: readonly V1Job[], version: string, facts: Facts): string {
  const newer = newerSchema(facts, version);
  if (newer !== undefined) return `${version} runs on the schema of ${newer}`;
  const own = jobs
    .filter(({ metadata }) => metadata?.labels?.[NAME] === shared.serviceAccounts.migrations)
    .filter(({ spec }) => tagOf(spec?.template.spec?.containers[0]?.image ?? "") === version)
    .sort((one, other) => Number(other.metadata?.creationTimestamp) - Number(one.metadata?.creationTimestamp));
  const [job] = own;
  const name = job?.metadata?.name ?? "";
  if (!job) throw new Failure(`no migrations of ${version} were run`, bringBack(facts));
  if ((job.status?.succeeded ?? 0) > 0) return `${name} succeeded`;
  const failed = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
  throw new Failure(
    failed ? `${name} failed: ${failed.message ?? failed.reason ?? ""}` : `${name} has not ended yet`,
    `kubectl logs ${IN_NAMESPACE} job/${name}${failed ? `, mend what it says, then ${bringBack(facts)}` : ""}`,
  );
}

/** The newer version whose schema is there: on the way back from it no migrations run, and its own Job is gone. */
export function newerSchema({ schema }: Facts, version: string): string | undefined {
  const last = schema?.split(",")[0] ?? version;
  return last === version ? undefined : last;
}

/** Tag of an image, e.g. `3.44.0` of `registry:5000/service:3.44.0@sha256:…`. */
export function tagOf(image: string): string | undefined {
  return /:([\w][\w.-]{0,127})(?:@.*)?$/.exec(image)?.[1];
}

/** The first line of what the client says, which goes on with headers and bodies. */
function firstLine(error: unknown): string {
  const said = reason(error).split("\n")[0]?.slice(0, 200) ?? "";
  return said === "" ? "its login command failed" : said;
}
