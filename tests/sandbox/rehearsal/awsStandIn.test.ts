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
    const answer: unknown = JSON.parse(
      execFileSync(process.execPath, [aws, "--region", "us-east-1", "eks", "get-token", "--cluster-name", "main"], {
        env: { SELFHOSTED_SANDBOX_HOME: home },
        encoding: "utf8",
      }),
    );
    expect(answer).toMatchObject({
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

  it("refuses every other command, so that nobody takes it for the AWS CLI", () => {
    expect(refusal("s3", "ls")).toContain("only `aws eks get-token` works here");
  });
});
