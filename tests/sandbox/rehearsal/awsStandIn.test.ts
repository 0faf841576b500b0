import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const aws = resolve(__dirname, "../../../sandbox/bin/aws");
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "aws-"));
  mkdirSync(join(home, "clusters", "main"), { recursive: true });
  writeFileSync(join(home, "clusters", "main", "cluster.json"), JSON.stringify({ adminToken: "t0ken" }));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function answer(...args: string[]): string {
  const env = { SELFHOSTED_SANDBOX_HOME: home };
  return execFileSync(process.execPath, [aws, ...args], { env, encoding: "utf8" });
}

function refusal(...args: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, [aws, ...args], {
    env: { SELFHOSTED_SANDBOX_HOME: home },
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  return stderr;
}

describe("the aws command on the sandbox's PATH", () => {
  it("answers a kubeconfig with the cluster's token, in the form client-go reads", () => {
    const said = answer("--region", "us-east-1", "eks", "get-token", "--cluster-name", "main");
    expect(JSON.parse(said)).toMatchObject({
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1beta1",
      status: { token: "t0ken", expirationTimestamp: expect.stringMatching(/Z$/) },
    });
  });

  it("says which cluster is missing and how to make it", () => {
    expect(refusal("eks", "get-token", "--cluster-name", "other")).toContain(
      'there is no EKS cluster "other" in the sandbox; run `pulumi up` in 03-cluster',
    );
  });

  it("tells `npm run verify` what ECS runs, in the cluster and region asked for", () => {
    const region = "us-east-1";
    const object = (type: string, properties: object) => ({ type: `aws:ecs/${type}`, region, properties });
    const containers = [{ name: "pulumi-api", image: "pulumi/service:3.44.0" }];
    const service = { name: "pulumi-api", cluster: "arn:main", desiredCount: 2, taskDefinition: "arn:api:1" };
    const objects = [
      object("cluster:Cluster", { name: "main", arn: "arn:main" }),
      object("service:Service", service),
      object("service:Service", { ...service, cluster: "arn:other", taskDefinition: "arn:api:9" }),
      object("taskDefinition:TaskDefinition", { arn: "arn:api:1", containerDefinitions: JSON.stringify(containers) }),
    ];
    writeFileSync(join(home, "world.json"), JSON.stringify({ version: 1, objects }));
    const ecs = (...words: string[]): unknown => JSON.parse(answer("ecs", ...words, "--region", region));
    expect(ecs("describe-services", "--cluster", "main", "--services", "pulumi-api")).toMatchObject({
      services: [{ status: "ACTIVE", runningCount: 2, taskDefinition: "arn:api:1" }],
    });
    expect(ecs("describe-services", "--cluster", "main", "--services", "other")).toMatchObject({ services: [] });
    expect(ecs("describe-task-definition", "--task-definition", "arn:api:1")).toEqual({
      taskDefinition: { containerDefinitions: containers },
    });
    expect(refusal("ecs", "describe-services", "--cluster", "main", "--region", "eu-west-1")).toContain(
      "ClusterNotFoundException",
    );
  });

  it("refuses every other command, so that nobody takes it for the AWS CLI", () => {
    expect(refusal("s3", "ls")).toContain("only `aws eks get-token`, ");
  });
});
