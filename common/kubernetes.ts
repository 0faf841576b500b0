import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

/**
 * Which cluster a kubeconfig opens: a short hash of its endpoint and certificate authority. A cluster that was destroyed
 * and made again under the same name has another one. Not a secret: it tells nothing that opens anything.
 */
export function clusterIdentity(kubeconfig: pulumi.Output<string>): pulumi.Output<string> {
  const identity = kubeconfig.apply((text) => {
    const { clusters } = parse(text) as { clusters: unknown };
    return createHash("sha256").update(JSON.stringify(clusters)).digest("hex").slice(0, 12);
  });
  return pulumi.unsecret(identity);
}

/**
 * Options of everything that lives in a cluster and dies with it, be it a Kubernetes object or AWS's record of an add-on.
 * After the cluster was rebuilt the state still lists such things although none is there; a new identity makes the next
 * plain `pulumi up` make them again. They are "deleted" first, which finds nothing and succeeds: made first and deleted
 * after, an object of the same name would delete its own successor.
 * @param moving Whether they move to another cluster, of another name, while the first one lives: then each is made there
 * before it is deleted here. Within one cluster the provider still deletes first what keeps its name.
 */
export function dyingWithCluster(kubeconfig: pulumi.Output<string>, moving = false): pulumi.CustomResourceOptions {
  return { replacementTrigger: clusterIdentity(kubeconfig), ...(!moving && { deleteBeforeReplace: true }) };
}

/**
 * The provider of Kubernetes objects. `clusterIdentifier` stays the same when the cluster of that name is rebuilt, so
 * the provider is updated in place and never asked to delete from a cluster that is gone. That is why the state need
 * not be given up when a cluster can't be reached (`deleteUnreachable`): a network failure loses nothing.
 * @param takesExisting Whether an object that is there already is taken over instead of refused.
 */
export function clusterProvider(
  kubeconfig: pulumi.Output<string>,
  clusterName: string,
  takesExisting = false,
): k8s.Provider {
  return new k8s.Provider("cluster", {
    kubeconfig,
    clusterIdentifier: clusterName,
    enableServerSideApply: true,
    // Without it a Secret of a fixed name is deleted and made again when a value changes, and a pod that starts in
    // between fails.
    enableSecretMutable: true,
    deleteUnreachable: false,
    ...(takesExisting && { upsertExistingObjects: true }),
  });
}

/**
 * The provider of Helm releases. Helm refuses to uninstall a release that isn't there, so these can't be "deleted" from
 * the rebuilt cluster like other objects: this provider is replaced with the cluster instead, and gives up releases in a
 * cluster that no longer answers. The price: `pulumi refresh` or `destroy` while the cluster can't be reached forgets
 * its releases, which `pulumi import` brings back.
 */
export function chartProvider(kubeconfig: pulumi.Output<string>): k8s.Provider {
  return new k8s.Provider("charts", {
    kubeconfig,
    clusterIdentifier: clusterIdentity(kubeconfig),
    deleteUnreachable: true,
  });
}

/** Files in place of a cluster, a directory for each stage: Argo CD goes by the waves, Flux by one Kustomization for each. */
export interface Rendered<Stage extends string> {
  /** Options of an object of a stage. */
  options(stage: Stage): pulumi.CustomResourceOptions;
  /** Annotations of an object of a stage. */
  annotations(stage: Stage): Readonly<Record<string, string>>;
}

/**
 * Has objects written to files for a GitOps tool.
 * @param directory Relative to the stack's folder; by default `gitops/<stack>`.
 * @param stages In the order in which they come up.
 */
export function renderedTo<Stage extends string>(
  directory: string | undefined,
  stages: readonly Stage[],
): Rendered<Stage> {
  const providers = new Map<Stage, k8s.Provider>();
  const numberOf = (stage: Stage) => stages.indexOf(stage) + 1;
  return {
    options: (stage) => {
      const renderYamlToDirectory = `${directory ?? `gitops/${pulumi.getStack()}`}/${numberOf(stage)}-${stage}`;
      // Nor the shell's: the SDK would take $KUBECONFIG, and each shell would be another provider.
      const kubeconfig = "";
      const provider =
        providers.get(stage) ?? new k8s.Provider(`gitops-${stage}`, { renderYamlToDirectory, kubeconfig });
      providers.set(stage, provider);
      return { provider };
    },
    // Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
    annotations: (stage) => ({ "argocd.argoproj.io/sync-wave": String(numberOf(stage)) }),
  };
}
