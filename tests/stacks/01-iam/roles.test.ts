import { beforeAll, describe, expect, it } from "@jest/globals";
import { outputSpecs, shared } from "@selfhosted/common";
import { charts } from "@selfhosted/common/images";
import { controllerVersion } from "../../../01-iam/policies/loadBalancerController";
import { runStack, type Run } from "../../support/mocks";

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

const GET_ROLE = "aws:iam/getRole:getRole";
const roleOutputs = outputSpecs("iam").filter(([name]) => name.endsWith("RoleArn"));
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
    expect(run.ofType("aws:iam/role:Role")).toHaveLength(roleOutputs.length);
    expect(new Set(roleOutputs.map(([name]) => run.outputs[name])).size).toBe(roleOutputs.length);
    expect(run.outputs["podCredentials"]).toBe("PodIdentity");
    expect(run.references).toEqual([]);
  });

  it("lets pods take roles on through Pod Identity, and only so", () => {
    const trusts = run
      .ofType("aws:iam/role:Role")
      .map((role) => statements(role.inputs["assumeRolePolicy"])[0] as unknown as Record<string, unknown>);
    const pods = trusts.filter(
      (trust) => (trust["Principal"] as { Service: string }).Service === "pods.eks.amazonaws.com",
    );
    expect(pods).toHaveLength(Object.keys(shared.podServiceAccounts).length);
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

  it.each(["api", "api-task"])(
    "lets %s use the state buckets, the audit log and the application's key, nothing else (B12)",
    (role) => {
      const found = inline(run, role);
      const s3 = found.filter((statement) => list(statement.Action).some((action) => action.startsWith("s3:")));
      const buckets = Object.values(shared.buckets).map(
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
      expect(actions(found).filter((action) => !/^(s3|kms):/.test(action))).toEqual([
        "dynamodb:BatchWriteItem",
        "dynamodb:DescribeTable",
        "dynamodb:PutItem",
        "dynamodb:Query",
      ]);
      const keys = found.filter((statement) => list(statement.Action).some((action) => action.startsWith("kms:")));
      expect(keys.every((statement) => statement.Condition !== undefined)).toBe(true);
    },
  );

  it("knows the policy of the load balancer controller that 04 installs", () => {
    // Otherwise: read docs/install/iam_policy.json of that release, mend policies/loadBalancerController.ts and its version.
    expect(charts.loadBalancerController.version.split(".").slice(0, 2).join(".")).toBe(controllerVersion);
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

  it("lets Karpenter be the first in the account to buy on the spot market, for which EC2 makes a role of its own", () => {
    expect(
      inline(run, "karpenter").filter(({ Action }) => list(Action).includes("iam:CreateServiceLinkedRole")),
    ).toEqual([
      expect.objectContaining({
        Resource: "arn:aws:iam::123456789012:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
        Condition: { StringEquals: { "iam:AWSServiceName": "spot.amazonaws.com" } },
      }),
    ]);
  });

  it("lets Karpenter and the load balancer controller work in a VPC that another account shares", () => {
    const resource = (role: string, sid: string) => inline(run, role).find(({ Sid }) => Sid === sid)?.Resource;
    expect(resource("karpenter", "LaunchFrom")).toContain("arn:aws:ec2:us-east-1:*:subnet/*");
    expect(resource("load-balancer-controller", "OpenSecurityGroups")).toContain("arn:aws:ec2:us-east-1:*:vpc/*");
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
  let usual: Run;
  beforeAll(async () => {
    usual = await runStack("iam");
  });

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

  it.each([
    ["aws-us-gov", "us-gov-west-1", "amazonaws.com"],
    ["aws-cn", "cn-north-1", "amazonaws.com.cn"],
    ["aws", "eu-central-1", "amazonaws.com"],
  ])("writes every ARN, region and service name as in %s", async (partition, region, suffix) => {
    const config = { autoMode: true, nodeSessionManager: true, externalDnsZoneIds: ["Z0123456789ABCDEFGHIJ"] };
    const run = await runStack("iam", { config, providerConfig: { "aws:region": region }, invokes: caller(partition) });
    expect(run.error).toBeUndefined();
    const texts = run.resources.map(({ inputs }) => JSON.stringify(inputs));
    const arns = texts.flatMap((text) => text.match(/arn:[^"\\]+/g) ?? []);
    expect(arns.length).toBeGreaterThan(100);
    expect(arns.filter((arn) => !arn.startsWith(`arn:${partition}:`))).toEqual([]);
    const regions = new Set(arns.map((arn) => arn.split(":")[3]));
    // The copies of the buckets, and the keys that encrypt them, may be anywhere.
    expect([...regions].sort()).toEqual(["", "*", region].sort());
    const hosts = texts.flatMap((text) => text.match(/[a-z0-9]+\.(?:[a-z-]+-\d|\*)\.amazonaws[a-z.]*/g) ?? []);
    expect(new Set(hosts.map((host) => host.slice(host.indexOf("amazonaws"))))).toEqual(new Set([suffix]));
    expect(texts.some((text) => text.includes(`"Service\\":\\"ec2.${suffix}`))).toBe(true);
  });

  it("opens the API's tasks for a shell only when asked to", async () => {
    const sids = async (config: Record<string, unknown>) =>
      inline(await runStack("iam", { config }), "api-task").map(({ Sid }) => Sid);
    expect(await sids({})).not.toContain("OpenShell");
    expect(await sids({ taskExec: true })).toEqual(expect.arrayContaining(["OpenShell", "EncryptShell"]));
  });

  it("lets the task runner start just the one-shot tasks, in just the installation's cluster, with just their roles", async () => {
    const roles = { migrationsTaskRoleArn: "arn:aws:iam::123456789012:role/theirs" };
    const found = inline(await runStack("iam", { config: roles }), "task-runner");
    const of = (sid: string) => found.find(({ Sid }) => Sid === sid);
    const ecs = (resource: string) => `arn:aws:ecs:us-east-1:123456789012:${resource}`;
    expect(of("RunTasks")).toMatchObject({
      Action: "ecs:RunTask",
      Resource: ["pulumi-migrations", "pulumi-database-user"].map((name) =>
        ecs(`task-definition/pulumi-test-${name}:*`),
      ),
      Condition: { ArnEquals: { "ecs:cluster": ecs("cluster/pulumi-test") } },
    });
    expect(of("PassTaskRoles")).toMatchObject({
      Resource: ["arn:aws:iam::123456789012:role/pulumi-test-task-execution", roles.migrationsTaskRoleArn],
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    });
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

  it.each(roleOutputs.map(([name]) => name))(
    "publishes %s as it is given and makes the others (B11)",
    async (output) => {
      const arn = "arn:aws:iam::123456789012:role/their-role";
      const trust = usual.ofType("aws:iam/role:Role").find(({ state }) => state["arn"] === usual.outputs[output])
        ?.inputs["assumeRolePolicy"];
      const theirs = { name: "their-role", arn, assumeRolePolicy: trust };
      const run = await runStack("iam", { config: { [output]: arn }, invokes: { [GET_ROLE]: () => theirs } });
      expect(run.error).toBeUndefined();
      expect(run.outputs[output]).toBe(arn);
      expect(run.ofType("aws:iam/role:Role")).toHaveLength(roleOutputs.length - 1);
      expect(run.ofType("aws:iam/role:Role").map((role) => role.state["arn"])).not.toContain(usual.outputs[output]);

      const stranger = { ...theirs, assumeRolePolicy: trustIn("somebody.example.com", "sts:AssumeRole") };
      const refused = await runStack("iam", { config: { [output]: arn }, invokes: { [GET_ROLE]: () => stranger } });
      expect(refused.error?.message).toContain(`${output}: role their-role does not let`);
      expect(refused.resources).toEqual([]);
    },
  );

  it("suits EKS Auto Mode when asked: its policies on the cluster's and the nodes' roles, tags on sessions", async () => {
    const run = await runStack("iam", { config: { autoMode: true } });
    expect(attached(run, "cluster").sort()).toEqual([
      "AmazonEKSBlockStoragePolicy",
      "AmazonEKSClusterPolicy",
      "AmazonEKSComputePolicy",
      "AmazonEKSLoadBalancingPolicy",
      "AmazonEKSNetworkingPolicy",
    ]);
    expect(attached(run, "node")).toContain("AmazonEKSWorkerNodeMinimalPolicy");
    const [trust] = statements(run.one("aws:iam/role:Role", "cluster").inputs["assumeRolePolicy"]);
    expect(trust?.Action).toEqual(["sts:AssumeRole", "sts:TagSession"]);
    // Without this right no node comes up: 04's node class asks for tags, and AWS's own policies allow EKS's alone.
    const own = { "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}" };
    const tagging = inline(run, "cluster").find(({ Sid }) => Sid === "TagNodes");
    expect(tagging).toMatchObject({
      Action: ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
      Condition: { StringEquals: own },
    });
    expect(tagging?.Resource).toEqual(
      expect.arrayContaining(
        ["instance", "volume", "network-interface"].map((kind) => `arn:aws:ec2:us-east-1:123456789012:${kind}/*`),
      ),
    );
    expect(inline(usual, "cluster").map(({ Sid }) => Sid)).not.toContain("TagNodes");
  });

  it("confines external-dns to the zones given, and to records of its types", async () => {
    const run = await runStack("iam", { config: { externalDnsZoneIds: ["Z0123456789ABCDEFGHIJ"] } });
    const change = inline(run, "external-dns").find((statement) => statement.Sid === "ChangeRecords");
    expect(change?.Resource).toEqual(["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"]);
    expect(change?.Condition).toMatchObject({
      "ForAllValues:StringEquals": {
        "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME", "TXT"],
      },
    });
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
  return { name, arn: `arn:aws:iam::123456789012:role/${name}`, assumeRolePolicy: trustIn(service, action) };
}

function trustIn(service: string, action: string) {
  const Statement = [{ Effect: "Allow", Principal: { Service: service }, Action: action }];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

function caller(partition: string) {
  const identity = { accountId: "123456789012", userId: "AROAEXAMPLE", id: "123456789012" };
  const arn = `arn:${partition}:iam::123456789012:role/operator`;
  return { "aws:index/getCallerIdentity:getCallerIdentity": () => ({ ...identity, arn }) };
}
