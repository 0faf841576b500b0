import { hostname } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { contract } from "@selfhosted/common";
import { repaired, type Checkpoint, type StateResource } from "../../cli/recover/checkpoint";
import { finderOf } from "../../cli/recover/finders";
import { isRunning, lockOwners } from "../../cli/recover/lock";
import { judge, search, tagQuery } from "../../cli/recover/search";
import { namedIn } from "../installer/variants";

const urn = (name: string) => `urn:pulumi:prod::selfhosted-05-database::aws:rds/cluster:Cluster::${name}`;

function resource(name: string, more: Partial<StateResource> = {}): StateResource {
  return { urn: urn(name), type: "aws:rds/cluster:Cluster", ...more };
}

function checkpoint(resources: StateResource[], pending: StateResource[], type = "creating"): Checkpoint {
  return {
    version: 3,
    deployment: { resources, pending_operations: pending.map((one) => ({ type, resource: one })) },
  };
}

describe("the state without unfinished operations", () => {
  it("has what was being made last, with its id and what it was to be made of, and nothing that only a read tells", () => {
    const lost = resource("new", { inputs: { masterPassword: { ciphertext: "v1:…" } } });
    const { deployment } = repaired(checkpoint([resource("old")], [lost]), new Map([[urn("new"), "pulumi-database"]]));
    expect(deployment.resources).toEqual([resource("old"), { ...lost, id: "pulumi-database", outputs: {} }]);
    expect(deployment.pending_operations).toEqual([]);
  });

  it("has nothing of a creation that nobody found, and what was being changed or deleted as it was", () => {
    expect(repaired(checkpoint([], [resource("new")]), new Map()).deployment.resources).toEqual([]);
    const deleting = checkpoint([resource("old", { id: "1" })], [resource("old", { id: "1" })], "deleting");
    expect(repaired(deleting, new Map()).deployment.resources).toEqual([resource("old", { id: "1" })]);
  });

  it("has no two living resources of one name when a replacement was interrupted", () => {
    const found = new Map([[urn("main"), "new"]]);
    const next = resource("main", { id: "new", outputs: {} });
    const old = resource("main", { id: "old" });
    expect(repaired(checkpoint([old], [resource("main")]), found).deployment.resources).toEqual([
      { ...old, delete: true },
      next,
    ]);
    const gone = { ...old, pendingReplacement: true };
    expect(repaired(checkpoint([gone], [resource("main")]), found).deployment.resources).toEqual([next]);
  });
});

describe("what was being made", () => {
  const none = () => Promise.reject(new Error("AWS was asked"));

  it.each([
    ["aws:rds/cluster:Cluster", { clusterIdentifier: "pulumi-prod-database" }, "pulumi-prod-database"],
    ["aws:s3/bucketVersioning:BucketVersioning", { bucket: "checkpoints" }, "checkpoints"],
    ["aws:eks/nodeGroup:NodeGroup", { clusterName: "c", nodeGroupName: "n" }, "c:n"],
    ["aws:ecs/service:Service", { cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/c", name: "api" }, "c/api"],
    ["kubernetes:core/v1:Secret", { metadata: { name: "s", namespace: "ns" } }, "ns/s"],
    ["kubernetes:core/v1:Namespace", { metadata: { name: "ns" } }, "ns"],
    ["kubernetes:helm.sh/v3:Release", { name: "r", namespace: "ns", values: {} }, "ns/r"],
  ])("is looked for by the name that %s was given", async (type, inputs, id) => {
    const outcomes = await search(checkpoint([], [resource("x", { type, inputs })]), new Map(), none);
    expect(outcomes.map(([, outcome]) => outcome)).toEqual([{ outcome: "candidate", id }]);
  });

  it("can be found whatever it is: every type that a folder makes has been described", () => {
    const folders = [...Object.values(contract).map(({ folder }) => folder), "common"];
    const types = new Set(folders.flatMap(namedIn).filter((token) => !/\/get[A-Z]/.test(token)));
    expect(types.size).toBeGreaterThan(60);
    expect([...types].filter((type) => finderOf(type) === undefined)).toEqual([]);
  });

  it("is looked for by its tags where it is, and so is what has no region", () => {
    const key = resource("replica", { type: "aws:kms/key:Key", inputs: { region: "us-west-2", tags: { a: "b" } } });
    const check = resource("check", { type: "aws:route53/healthCheck:HealthCheck", inputs: { tags: { a: "b" } } });
    expect([key, check].map((one) => tagQuery(one)?.region)).toEqual(["us-west-2", "us-east-1"]);
    const { deployment } = repaired(checkpoint([], [key]), new Map([[key.urn, "1234-ab"]]));
    expect(deployment.resources?.[0]?.outputs).toEqual({ region: "us-west-2" });
  });

  it.each([
    ["aws:rds/cluster:Cluster", {}, "it has no name of its own"],
    [
      "aws:backup/selection:Selection",
      { planId: "plan-1", name: "x" },
      "look with aws backup list-backup-selections --backup-plan-id plan-1",
    ],
    ["aws:new/thing:Thing", { name: "x" }, "nobody has said yet how a aws:new/thing:Thing is found"],
    ["aws:kms/key:Key", {}, "it has no tags to look for"],
  ])("is left to a person when a %s of %j can't be told from others", async (type, inputs, why) => {
    const pending = resource("x", { type, inputs });
    expect((await search(checkpoint([], [pending]), new Map(), none))[0]?.[1]).toEqual({ outcome: "unclear", why });
    const answers = new Map([[pending.urn, "found-by-hand"]]);
    const [answered] = await search(checkpoint([], [pending]), answers, none);
    expect(answered?.[1]).toEqual({ outcome: "candidate", id: "found-by-hand" });
  });

  it("is what the state hasn't got: a key's replica has its id, and what AWS gives no ARN is told by it", () => {
    const tags = { Name: "pulumi-prod-app" };
    const keyIn = (region: string) => `arn:aws:kms:${region}:123456789012:key/mrk-1`;
    const primary = resource("app", { type: "aws:kms/key:Key", id: "mrk-1", outputs: { arn: keyIn("us-east-1") } });
    const replica = resource("app-replica", { type: "aws:kms/replicaKey:ReplicaKey", inputs: { tags } });
    expect(judge(replica, [keyIn("us-west-2")], checkpoint([primary], [replica]))).toEqual({
      outcome: "candidate",
      id: "mrk-1",
    });
    const twin = resource("twin", { type: primary.type, inputs: { tags } });
    const gateway = resource("nat-0", { type: "aws:ec2/natGateway:NatGateway", id: "nat-1", outputs: {} });
    const next = resource("nat-1", { type: gateway.type, inputs: { tags } });
    const gone = { outcome: "forgotten", why: "nothing carries its tags" };
    expect(judge(twin, [keyIn("us-east-1")], checkpoint([primary], [twin]))).toEqual(gone);
    const nat = "arn:aws:ec2:us-east-1:123456789012:natgateway/nat-1";
    expect(judge(next, [nat], checkpoint([gateway], [next]))).toEqual(gone);
  });

  it("gets the id that pulumi import takes from the ARN that its tags lead to", () => {
    const id = (type: string, arn: string, inputs: Record<string, unknown> = {}) => {
      const finder = finderOf(type);
      return finder?.by === "tags" ? finder.id(arn, inputs) : undefined;
    };
    const at = "us-east-1:123456789012";
    expect(id("aws:kms/key:Key", `arn:aws:kms:${at}:key/1234-ab`)).toBe("1234-ab");
    expect(id("aws:ec2/eip:Eip", `arn:aws:ec2:${at}:elastic-ip/eipalloc-0a`)).toBe("eipalloc-0a");
    expect(
      id("aws:eks/podIdentityAssociation:PodIdentityAssociation", `arn:aws:eks:${at}:podidentityassociation/c/a-1`),
    ).toBe("c,a-1");
    expect(
      id("aws:wafv2/webAcl:WebAcl", `arn:aws:wafv2:${at}:regional/webacl/edge/a1b2`, {
        name: "edge",
        scope: "REGIONAL",
      }),
    ).toBe("a1b2/edge/REGIONAL");
    const namespace = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace";
    expect(id(namespace, `arn:aws:servicediscovery:${at}:namespace/ns-1`, { vpc: "vpc-1" })).toBe("ns-1:vpc-1");
    expect(id("aws:sqs/queue:Queue", `arn:aws:sqs:${at}:events`)).toBe(
      "https://sqs.us-east-1.amazonaws.com/123456789012/events",
    );
  });
});

describe("a lock", () => {
  const message = (host: string, pid: number) =>
    `error: the stack is currently locked by 1 lock(s).\n  file:///x.json: created by root@${host} (pid ${pid}) at 2026-11-21T09:55:04Z`;

  it("tells whose it is, and whether that process still runs on this machine", () => {
    const [own] = lockOwners(message(hostname(), process.pid));
    expect(own).toEqual({ user: "root", host: hostname(), pid: process.pid, since: "2026-11-21T09:55:04Z" });
    expect(lockOwners(message(hostname(), process.pid)).map(isRunning)).toEqual([true]);
    expect(lockOwners(message("elsewhere", process.pid)).map(isRunning)).toEqual([false]);
    // Above Linux's greatest process id, 2^22.
    expect(lockOwners(message(hostname(), 4194305)).map(isRunning)).toEqual([false]);
  });
});
