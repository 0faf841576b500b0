import { describe, expect, it } from "@jest/globals";
import { shared } from "@selfhosted/common";
import { runStack, type Run } from "../../support/mocks";

const GET_ROLE = "aws:iam/getRole:getRole";
const GET_PROVIDER = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider";
const GET_CLUSTER = "aws:eks/getCluster:getCluster";
const issuer = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
const role = "arn:aws:iam::123456789012:role/their-role";

interface Trust {
  readonly Effect: string;
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

const trustOf = (run: Run, output: string) => {
  const found = run.ofType("aws:iam/role:Role").find(({ state }) => state["arn"] === run.outputs[output]);
  return (JSON.parse(String(found?.inputs["assumeRolePolicy"])) as { Statement: Trust[] }).Statement;
};
const subject = ({ namespace, name }: shared.ServiceAccount) => `system:serviceaccount:${namespace}:${name}`;
const letting = (sub: string, federated = provider, operator = "StringEquals"): Trust => ({
  Effect: "Allow",
  Principal: { Federated: federated },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { [operator]: { [`${federated.slice(federated.indexOf("/") + 1)}:sub`]: sub } },
});
const theirs = (...Statement: Trust[]) => ({
  name: "their-role",
  arn: role,
  assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement }),
});

describe("01-iam with an OIDC provider", () => {
  it("lets exactly one service account take on each role for pods, and says so to the stacks that bind them", async () => {
    const run = await runStack("iam", { config: { oidcProviderArn: provider } });
    expect(run.error).toBeUndefined();
    expect(run.outputs["podCredentials"]).toBe("IRSA");
    for (const [output, account] of Object.entries(shared.podServiceAccounts)) {
      expect(trustOf(run, output)).toEqual([
        {
          Effect: "Allow",
          Principal: { Federated: provider },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: { [`${issuer}:sub`]: subject(account), [`${issuer}:aud`]: "sts.amazonaws.com" },
          },
        },
      ]);
    }
    expect(trustOf(run, "clusterRoleArn")[0]?.Principal).toEqual({ Service: "eks.amazonaws.com" });
  });

  it.each([
    ["gone", undefined, "aws iam create-open-id-connect-provider --url https://"],
    ["for another audience", ["other"], "aws iam add-client-id-to-open-id-connect-provider"],
  ])("refuses a provider that is %s, with the command that mends it", async (_what, clientIdLists, command) => {
    const answer = () => {
      if (clientIdLists === undefined) throw new Error("NoSuchEntity");
      return { clientIdLists };
    };
    const run = await runStack("iam", {
      config: { oidcProviderArn: provider },
      invokes: { [GET_PROVIDER]: answer },
    });
    expect(run.error?.message).toContain(command);
    expect(run.resources).toEqual([]);
  });

  it.each([
    ["the service account", letting(subject(shared.podServiceAccounts.apiRoleArn)), true],
    ["service accounts by pattern", letting("system:serviceaccount:pulumi-*:*", provider, "StringLike"), true],
    ["another service account", letting("system:serviceaccount:default:default"), false],
    ["another cluster", letting(subject(shared.podServiceAccounts.apiRoleArn), `${provider.slice(0, -1)}0`), false],
    ["Pod Identity", { Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: "*" }, false],
  ])("judges a given role that trusts %s", async (_whom, trust, fine) => {
    const invokes = { [GET_ROLE]: () => theirs(trust) };
    const config = { oidcProviderArn: provider, apiRoleArn: role };
    const { error, resources } = await runStack("iam", { config, invokes });
    if (fine) expect(error).toBeUndefined();
    else {
      expect(error?.message).toContain(
        "apiRoleArn: role their-role does not let system:serviceaccount:pulumi-service:",
      );
      expect(resources).toEqual([]);
    }
  });
});

describe("the stacks that hand roles to pods, with IRSA", () => {
  const upstream = { iam: { podCredentials: "IRSA" } };
  const cluster = { [GET_CLUSTER]: () => ({ identities: [{ oidcs: [{ issuer: `https://${issuer}` }] }] }) };
  const trusting = {
    [GET_ROLE]: ({ name }: Record<string, unknown>) => {
      const arn = `arn:aws:iam::123456789012:role/${String(name)}`;
      const all = Object.values(shared.podServiceAccounts).map((account) => letting(subject(account)));
      const services: Trust[] = ["eks", "ec2"].map((service) => ({
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sts:AssumeRole",
      }));
      return { ...theirs(...all, ...services), arn, name: String(name) };
    },
  };

  it.each(["cluster", "clusterServices", "service"] as const)("%s makes no Pod Identity association", async (stack) => {
    const run = await runStack(stack, {
      upstream,
      invokes: { ...cluster, ...trusting },
      ...(stack === "service" && {
        config: { domain: "pulumi.example.com", zoneName: "example.com", licenseKey: "e30.e30.e30", imageTag: "1.0.0" },
      }),
    });
    expect(run.error).toBeUndefined();
    expect(run.ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation")).toEqual([]);
    expect(run.ofType("aws:eks/addon:Addon").filter(({ inputs }) => inputs["podIdentityAssociations"])).toEqual([]);
    const readable = JSON.stringify(run.resources.map(({ inputs }) => inputs));
    expect(readable).toMatch(/"(?:eks\.amazonaws\.com\/role-arn|serviceAccountRoleArn)":"arn:aws:iam::/);
  });

  it("roll the API's pods when they get their role in another way: running ones would keep the way that ends", async () => {
    const config = {
      domain: "pulumi.example.com",
      zoneName: "example.com",
      licenseKey: "e30.e30.e30",
      imageTag: "1.0.0",
    };
    const annotations = async (options: object) => {
      const run = await runStack("service", { config, ...options });
      const { spec } = run.one("kubernetes:apps/v1:Deployment", "pulumi-api").inputs as {
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      };
      return Object.keys(spec.template.metadata.annotations);
    };
    const irsa = await annotations({ upstream, invokes: { ...cluster, ...trusting } });
    expect(irsa.sort()).toEqual(["eks.amazonaws.com/role-arn", ...(await annotations({}))].sort());
  });

  it("refuse roles that trust a cluster which is no more: made again, it has another issuer", async () => {
    const other = {
      [GET_CLUSTER]: () => ({ identities: [{ oidcs: [{ issuer: `https://${issuer.slice(0, -1)}0` }] }] }),
    };
    const run = await runStack("clusterServices", { upstream, invokes: { ...other, ...trusting } });
    expect(run.error?.message).toContain("set oidcProviderArn in 01-iam");
    expect(run.resources).toEqual([]);
  });
});
