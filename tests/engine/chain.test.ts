import { describe, expect, it } from "@jest/globals";
import { shared } from "@selfhosted/common";
import { accountAsFound } from "../../sandbox/seed";
import type { WorldObject } from "../../sandbox/world";
import { afterUpstream, bringUpAll, destroyAll } from "./support/chain";
import { kubectl } from "./support/kubectl";
import { leaks, secretValues } from "./support/leaks";
import { unfindable } from "./support/lost";
import { otherTeam, type TheirStack } from "./support/otherTeam";
import { inOrder, Sandbox } from "./support/sandbox";

const sandbox = Sandbox.forThisFile();

// One story in order: each test goes on where the one before it ended.
describe("all nine stacks", () => {
  let provider: TheirStack | undefined;

  it("come up from their EXAMPLE files", async () => {
    await bringUpAll(sandbox());
    const { apiUrl, consoleUrl } = await sandbox().outputs("service");
    expect(apiUrl).toMatch(/^https:\/\/api\./);
    expect(consoleUrl).toMatch(/^https:\/\/app\./);
  });

  it("show no secret in plain text: not in state, history or backups, not in configuration, not on the screen or in a log", async () => {
    const secrets = await secretValues(sandbox());
    // Licence, kubeconfig, database, API user, search, SAML pair: a list that shrinks is a search for nothing.
    expect(secrets.size).toBeGreaterThanOrEqual(8);
    expect([...secrets.values()].filter((value) => value.length < 8)).toEqual([]);
    expect(leaks(sandbox(), secrets)).toEqual([]);
  });

  it("could be recovered, whatever of them was being made when pulumi was killed", async () => {
    expect(await unfindable(sandbox())).toEqual([]);
  });

  it("have nothing to do when they are brought up again", async () => {
    await afterUpstream(inOrder, (stack) => sandbox().up(stack, "--expect-no-changes"));
  });

  it("are found by a refresh just as they were made", async () => {
    await afterUpstream(inOrder, (stack) =>
      sandbox().run(stack, ["refresh", "--yes", "--skip-preview", "--expect-no-changes"]),
    );
  });

  it("hand pods their roles by IRSA once 01 is told the cluster's provider, and no longer by Pod Identity", async () => {
    const ofType = (type: string) =>
      sandbox()
        .world()
        .filter((object) => object.type === type);
    const [cluster] = ofType("aws:eks/cluster:Cluster");
    const [identity] = cluster?.properties["identities"] as { oidcs: { issuer: string }[] }[];
    provider = await otherTeam(sandbox(), "oidcProvider", { issuer: identity?.oidcs[0]?.issuer ?? "" });
    sandbox().configure("iam", { oidcProviderArn: provider.outputs["arn"] });
    const stacks = ["iam", "cluster", "clusterServices", "service"] as const;
    for (const stack of stacks) await sandbox().up(stack);
    await afterUpstream(stacks, (stack) => sandbox().up(stack, "--expect-no-changes"));

    expect(ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation")).toEqual([]);
    const roles = await sandbox().outputs("iam");
    const addons = ofType("aws:eks/addon:Addon").flatMap(({ properties }) => properties["serviceAccountRoleArn"] ?? []);
    expect(addons.sort()).toEqual([roles["ebsCsiRoleArn"], roles["vpcCniRoleArn"]]);
    const path = String.raw`{range .items[*]}{.metadata.name} {.metadata.annotations.eks\.amazonaws\.com/role-arn}{"\n"}{end}`;
    const accounts = await kubectl(sandbox(), "get", "serviceaccounts", "-A", "--output", `jsonpath=${path}`);
    const annotated = accounts.split("\n").filter((line) => line.includes("arn:"));
    const { apiRoleArn, clusterAutoscalerRoleArn, loadBalancerControllerRoleArn } = shared.podServiceAccounts;
    expect(annotated.sort()).toEqual(
      [
        `${loadBalancerControllerRoleArn.name} ${String(roles["loadBalancerControllerRoleArn"])}`,
        `${clusterAutoscalerRoleArn.name} ${String(roles["clusterAutoscalerRoleArn"])}`,
        `${apiRoleArn.name} ${String(roles["apiRoleArn"])}`,
      ].sort(),
    );
  });

  it("leave the account as they found it when they are destroyed, the last first, but for the database's final snapshot and the keys of 05", async () => {
    await destroyAll(sandbox());
    await provider?.destroy();
    const named = (objects: readonly WorldObject[]) => objects.map(({ type, id }) => `${type} ${id}`);
    const [left, kept] = [sandbox().world(), ["aws:rds/clusterSnapshot:ClusterSnapshot", "aws:kms/key:Key"]];
    const keptObjects = left.filter(({ type }) => kept.includes(type));
    // The snapshot is worth nothing without the key it is encrypted with, the rows in it nothing without the service's.
    expect(keptObjects.map(({ type, name }) => (type === kept[0] ? "snapshot" : name)).sort()).toEqual([
      "app",
      "data",
      "snapshot",
    ]);
    expect(named(left.filter(({ type }) => !kept.includes(type)))).toEqual(named(accountAsFound()));
  });
});
