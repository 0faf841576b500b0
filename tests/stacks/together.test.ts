import { describe, expect, it } from "@jest/globals";
import { runStack, type Run } from "../support/mocks";
import { runEverything } from "./04-cluster-services/everything";
import { podOf, runService } from "./08-service/run";

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

interface Placement {
  readonly tolerations: { key: string; operator: string; value: string; effect: string }[];
  readonly affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: {
        weight: number;
        preference: { matchExpressions: { key: string; operator: string; values: string[] }[] };
      }[];
    };
  };
}

describe("03's nodes kept for the service and 08's pods", () => {
  it("find each other: the pods bear every taint and are drawn to a label that these nodes have, and the others not", async () => {
    const nodes = await runStack("cluster");
    const group = nodes.one("aws:eks/nodeGroup:NodeGroup", "service").inputs;
    const labels = group["labels"] as Record<string, string>;
    const taints = group["taints"] as Taint[];
    expect(taints).toHaveLength(1);
    const service = await runService();
    for (const name of ["pulumi-api", "pulumi-console"]) {
      const { tolerations, affinity } = podOf(service, name).spec as unknown as Placement;
      // EKS writes the effect in capitals.
      const borne = taints.every(({ key, value, effect }) =>
        tolerations.some(
          (one) =>
            one.key === key &&
            one.operator === "Equal" &&
            one.value === value &&
            effect === "NO_SCHEDULE" &&
            one.effect === "NoSchedule",
        ),
      );
      expect([name, borne]).toEqual([name, true]);
      const preferred = affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
      const draws = (of: Record<string, string>) =>
        preferred.some(({ preference }) =>
          preference.matchExpressions.every(
            ({ key, operator, values }) => operator === "In" && values.includes(of[key] ?? ""),
          ),
        );
      const general = nodes.one("aws:eks/nodeGroup:NodeGroup", "general").inputs["labels"] as typeof labels | undefined;
      expect([name, draws(labels), draws(general ?? {})]).toEqual([name, true, false]);
    }
  });
});

/** Physical names in AWS, which no two of a type may share; the add-ons and entries of two clusters may. */
function physicalNames(run: Run): string[] {
  expect(run.error).toBeUndefined();
  return run.resources.flatMap(({ type, inputs }) => {
    const name = inputs["bucket"] ?? inputs["name"];
    const named = type.startsWith("aws:") && !/^aws:(eks\/(addon|podIdentity)|s3\/bucket[A-Z])/.test(type);
    return named && typeof name === "string" ? [`${type} ${name}`] : [];
  });
}

describe("two clusters of one installation", () => {
  it("have no name in common, and 01's roles know those of both", async () => {
    const made: Record<string, string[]> = {};
    for (const color of ["blue", "green"]) {
      const cluster = await runStack("cluster", { config: { color } });
      const outputs = cluster.outputs;
      const services = await runEverything({ autoscaling: "karpenter" }, { upstream: { cluster: outputs } });
      made[color] = [...physicalNames(cluster), ...physicalNames(services)];
    }
    const { blue = [], green = [] } = made;
    expect(green).toHaveLength(blue.length);
    expect(blue.filter((name) => green.includes(name))).toEqual([]);

    const iam = await runStack("iam");
    const granted = JSON.stringify(iam.ofType("aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => inputs["policy"]));
    for (const color of ["", "-green"]) {
      expect(granted).toContain(`:cluster/pulumi-test${color}\\`);
      expect(granted).toContain(`:nodegroup/pulumi-test${color}/*`);
      expect(granted).toContain(`k8s.io/cluster-autoscaler/pulumi-test${color}\\`);
      expect(granted).toContain(`alias/pulumi-test-cluster${color}\\`);
      expect(granted).toContain(`pulumi-test-karpenter${color}\\`);
      expect(granted).toContain(`cluster-backups${color}-123456789012`);
    }
  });
});
