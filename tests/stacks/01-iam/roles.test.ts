import { beforeAll, describe, expect, it } from "@jest/globals";
import { outputSpecs } from "@selfhosted/common";
import { runStack, type Run } from "../../support/mocks";

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

const list = (value: string | string[]) => (Array.isArray(value) ? value : [value]);
const statements = (text: unknown) => (JSON.parse(String(text)) as { Statement: Statement[] }).Statement;
const inline = (run: Run, role: string) =>
  run
    .ofType("aws:iam/rolePolicy:RolePolicy")
    .filter((policy) => policy.name.startsWith(`${role}-`) && policy.inputs["role"] === `pulumi-test-${role}`)
    .flatMap((policy) => statements(policy.inputs["policy"]));
const attached = (run: Run, role: string) =>
  run
    .ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter((attachment) => attachment.inputs["role"] === `pulumi-test-${role}`)
    .map((attachment) => String(attachment.inputs["policyArn"]).replace(/^.*:policy\//, ""));
const actions = (found: Statement[]) => found.flatMap((statement) => list(statement.Action));

describe("01-iam", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runStack("iam");
  });

  it("makes one role per output and publishes their ARNs", () => {
    expect(run.error).toBeUndefined();
    expect(run.ofType("aws:iam/role:Role")).toHaveLength(outputSpecs("iam").length);
    expect(new Set(Object.values(run.outputs)).size).toBe(outputSpecs("iam").length);
    expect(run.references).toEqual([]);
  });

  it("lets pods take roles on through Pod Identity, and only so", () => {
    const trusts = run
      .ofType("aws:iam/role:Role")
      .map((role) => statements(role.inputs["assumeRolePolicy"])[0] as unknown as Record<string, unknown>);
    const pods = trusts.filter(
      (trust) => (trust["Principal"] as { Service: string }).Service === "pods.eks.amazonaws.com",
    );
    expect(pods).toHaveLength(9);
    for (const trust of pods) expect(trust["Action"]).toEqual(["sts:AssumeRole", "sts:TagSession"]);
  });

  it("never mixes exclusive policy lists with attachments on a role (B10)", () => {
    for (const role of run.ofType("aws:iam/role:Role")) {
      expect(role.inputs["managedPolicyArns"]).toBeUndefined();
      expect(role.inputs["inlinePolicies"]).toBeUndefined();
    }
  });

  it("gives nodes no rights on S3, search, load balancers or network interfaces", () => {
    expect(attached(run, "node").sort()).toEqual(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"]);
    expect(inline(run, "node")).toEqual([]);
  });

  it("attaches no AWS policy that reads or writes everything", () => {
    const all = run
      .ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .map((attachment) => String(attachment.inputs["policyArn"]));
    expect(all.filter((arn) => /FullAccess|PowerUser|Administrator|ReadOnlyAccess/.test(arn))).toEqual([]);
  });

  it("grants no wildcard action, and all resources only for actions that know none or under a condition", () => {
    const found = run
      .ofType("aws:iam/rolePolicy:RolePolicy")
      .flatMap((policy) =>
        statements(policy.inputs["policy"]).map((statement) => ({ policy: policy.name, statement })),
      );
    expect(found.filter(({ statement }) => list(statement.Action).some((action) => /\*/.test(action)))).toEqual([]);
    // Actions that act on all resources at once (Service Authorization Reference), or that others confine by condition.
    const unconfined = found.filter(
      ({ statement }) => list(statement.Resource).includes("*") && statement.Condition === undefined,
    );
    const changing = unconfined.flatMap(({ statement }) =>
      list(statement.Action).filter((action) => !/:(Describe|List|Get)/.test(action)),
    );
    expect(changing.sort()).toEqual([
      "shield:CreateProtection",
      "shield:DeleteProtection",
      "waf-regional:AssociateWebACL",
      "waf-regional:DisassociateWebACL",
      "wafv2:AssociateWebACL",
      "wafv2:DisassociateWebACL",
    ]);
  });

  it.each(["api", "api-task"])("lets %s use the four buckets and the application's key, nothing else (B12)", (role) => {
    const found = inline(run, role);
    const s3 = found.filter((statement) => list(statement.Action).some((action) => action.startsWith("s3:")));
    const buckets = ["checkpoints", "policy-packs", "events", "metadata"].map(
      (bucket) => `arn:aws:s3:::pulumi-test-${bucket}-123456789012-us-east-1`,
    );
    expect(s3.flatMap((statement) => list(statement.Resource)).sort()).toEqual(
      [...buckets, ...buckets.map((bucket) => `${bucket}/*`)].sort(),
    );
    const encrypt = found.find((statement) => statement.Sid === "EncryptSecrets");
    expect(encrypt?.Action).toEqual([
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
    ]);
    expect(encrypt?.Condition).toEqual({
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": ["alias/pulumi-test-app"] },
    });
    expect(actions(found).every((action) => /^(s3|kms):/.test(action))).toBe(true);
    const keys = found.filter((statement) => list(statement.Action).some((action) => action.startsWith("kms:")));
    expect(keys.every((statement) => statement.Condition !== undefined)).toBe(true);
  });

  it("lets the load balancer controller do what 2.13 and 3.x ask for beyond upstream's policy", () => {
    expect(actions(inline(run, "load-balancer-controller"))).toEqual(
      expect.arrayContaining([
        "ec2:DescribeIpamPools",
        "ec2:DescribeRouteTables",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyIpPools",
        "elasticloadbalancing:SetRulePriorities",
      ]),
    );
  });

  it("lets secrets be decrypted with the installation's keys and AWS's own, by secret stores alone", () => {
    const decrypt = inline(run, "external-secrets").find((statement) => statement.Sid === "DecryptSecrets");
    expect(decrypt?.Condition).toEqual({
      StringEquals: { "kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"] },
      "ForAnyValue:StringLike": {
        "kms:ResourceAliases": ["alias/pulumi-test-*", "alias/aws/secretsmanager", "alias/aws/ssm"],
      },
    });
  });

  it("lets Karpenter pass the node role to EC2, and no other role", () => {
    const pass = inline(run, "karpenter").filter((statement) => list(statement.Action).includes("iam:PassRole"));
    expect(pass).toHaveLength(1);
    expect(pass[0]?.Resource).toBe(run.outputs["nodeRoleArn"]);
    expect(pass[0]?.Condition).toEqual({ StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } });
  });

  it("keeps every inline policy within IAM's 10,240 characters a role", () => {
    const sizes = new Map<string, number>();
    for (const { inputs } of run.ofType("aws:iam/rolePolicy:RolePolicy")) {
      const role = String(inputs["role"]);
      sizes.set(role, (sizes.get(role) ?? 0) + String(inputs["policy"]).length);
    }
    expect([...sizes].filter(([, size]) => size > 10_240)).toEqual([]);
  });
});

describe("01-iam by configuration", () => {
  it("puts path, boundary and tags on every role", async () => {
    const run = await runStack("iam", {
      config: {
        rolePath: "/platform/",
        permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
        tags: { team: "platform" },
      },
    });
    for (const { inputs } of run.ofType("aws:iam/role:Role")) {
      expect(inputs).toMatchObject({
        path: "/platform/",
        permissionsBoundary: "arn:aws:iam::123456789012:policy/boundary",
        tags: { team: "platform" },
      });
    }
    expect(run.outputs["apiRoleArn"]).toBe("arn:aws:iam::123456789012:role/platform/pulumi-test-api");
  });

  it("writes ARNs of the caller's partition (GovCloud)", async () => {
    const run = await runStack("iam", {
      providerConfig: { "aws:region": "us-gov-west-1" },
      invokes: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => ({
          accountId: "123456789012",
          arn: "arn:aws-us-gov:iam::123456789012:role/operator",
          userId: "AROAEXAMPLE",
          id: "123456789012",
        }),
      },
    });
    expect(run.error).toBeUndefined();
    expect(run.resources.filter(({ inputs }) => JSON.stringify(inputs).includes("arn:aws:"))).toEqual([]);
  });

  it("names the buckets and keys that are given instead of its own", async () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd";
    const run = await runStack("iam", {
      config: { checkpointsBucketName: "their-checkpoints", encryptionKeyArn: key, bucketKeyArns: [key] },
    });
    const found = inline(run, "api");
    expect(JSON.stringify(found)).toContain("arn:aws:s3:::their-checkpoints/*");
    expect(JSON.stringify(found)).not.toContain("pulumi-test-checkpoints");
    expect(found.find((statement) => statement.Sid === "EncryptSecrets")?.Resource).toBe(key);
  });

  it("publishes a given role as it is and makes the others (B11)", async () => {
    const nodeRoleArn = "arn:aws:iam::123456789012:role/their-node";
    const run = await runStack("iam", {
      config: { nodeRoleArn },
      invokes: { "aws:iam/getRole:getRole": () => theirRole("their-node", "ec2.amazonaws.com", "sts:AssumeRole") },
    });
    expect(run.error).toBeUndefined();
    expect(run.outputs["nodeRoleArn"]).toBe(nodeRoleArn);
    expect(run.ofType("aws:iam/role:Role").map((role) => role.name)).not.toContain("node");
    expect(run.ofType("aws:iam/role:Role")).toHaveLength(outputSpecs("iam").length - 1);
  });

  it("refuses given roles that don't exist or trust somebody else, all in one message", async () => {
    const run = await runStack("iam", {
      config: {
        apiRoleArn: "arn:aws:iam::123456789012:role/their-api",
        nodeRoleArn: "arn:aws:iam::123456789012:role/gone",
      },
      invokes: {
        "aws:iam/getRole:getRole": ({ name }) => {
          if (name === "gone") throw new Error("NoSuchEntity: The role with name gone cannot be found.");
          return theirRole("their-api", "pods.eks.amazonaws.com", "sts:AssumeRole");
        },
      },
    });
    expect(run.error?.message).toContain("2 problems");
    expect(run.error?.message).toContain("apiRoleArn: role their-api does not let pods.eks.amazonaws.com use it");
    expect(run.error?.message).toContain("sts:TagSession");
    expect(run.error?.message).toContain("nodeRoleArn: no role gone can be read");
    expect(run.resources).toEqual([]);
  });
});

function theirRole(name: string, service: string, action: string) {
  return {
    name,
    arn: `arn:aws:iam::123456789012:role/${name}`,
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: action }],
    }),
  };
}
