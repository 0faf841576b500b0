import { describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { runStack, type RunOptions } from "../../support/mocks";
import { supportOf, versions } from "../../../03-cluster/versions";

describe("03-cluster's configuration", () => {
  it("warns of a version that has left standard support, with what follows from the upgrade policy", async () => {
    const aged = Object.keys(versions).find((version) => supportOf(version, new Date()) === "extended");
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    try {
      const run = await runStack("cluster", { config: { kubernetesVersion: aged, upgradePolicy: "EXTENDED" } });
      expect(run.error).toBeUndefined();
      expect(run.one("aws:eks/cluster:Cluster").inputs["upgradePolicy"]).toEqual({ supportType: "EXTENDED" });
      await runStack("cluster", {
        config: { kubernetesVersion: aged },
        upstream: { cluster: { clusterVersion: aged } },
      });
      const said = warn.mock.calls.map(([message]) => message);
      expect(said[0]).toContain(
        `kubernetesVersion ${String(aged)} has left standard support: the cluster costs $365 a month more`,
      );
      expect(said[1]).toContain("AWS upgrades the cluster by itself");
      // EKS makes no new one like that.
      const made = await runStack("cluster", { config: { kubernetesVersion: aged } });
      expect(made.error?.message).toContain("pulumi config set upgradePolicy EXTENDED");
    } finally {
      warn.mockRestore();
    }
  });

  it("goes up one minor version at a time and never down", async () => {
    const to = async (kubernetesVersion: string, from: string) => {
      const upstream = { cluster: { clusterVersion: from } };
      const config = { kubernetesVersion, upgradePolicy: "EXTENDED" };
      return (await runStack("cluster", { config, upstream })).error?.message;
    };
    expect(await to("1.35", "1.35")).toBeUndefined();
    expect(await to("1.35", "1.34")).toBeUndefined();
    expect(await to("1.35", "1.33")).toContain("pulumi config set kubernetesVersion 1.34");
    expect(await to("1.34", "1.35")).toContain("pulumi config set kubernetesVersion 1.35");
  });

  it("refuses sizes, versions and ranges that make no sense, all in one message (B8, B9)", async () => {
    const run = await runStack("cluster", {
      config: { kubernetesVersion: "1.30", generalMinSize: 3, generalDesiredSize: 2, publicAccessCidrs: ["0.0.0.0/0"] },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("kubernetesVersion 1.30 has left EKS");
    expect(message).toContain("generalMinSize 3, generalDesiredSize 2");
    expect(message).toContain("publicAccessCidrs");
    expect(run.resources).toEqual([]);
    const patch = await runStack("cluster", { config: { kubernetesVersion: "1.30.3", instanceType: "t3.xlarge" } });
    expect(patch.error?.message).toContain("EKS takes no patch version");
    expect(patch.error?.message).toContain("instanceType is not a key of this stack");
  });
});

describe("03-cluster's parts", () => {
  it("are refused where EKS left its log group behind; our own, of a run that failed, goes on", async () => {
    const found = (tags: object) => ({
      invokes: { "aws:cloudwatch/getLogGroup:getLogGroup": (inputs: object) => ({ ...inputs, tags }) },
    });
    const left = await runStack("cluster", found({}));
    expect(left.error?.message).toContain("aws logs delete-log-group --log-group-name /aws/eks/pulumi-test/cluster");
    expect(left.resources).toEqual([]);
    const own = found({ "pulumi-selfhosted:installation": "pulumi-test" });
    expect((await runStack("cluster", own)).error).toBeUndefined();
    const living = { upstream: { cluster: { clusterVersion: "1.35" } } };
    expect((await runStack("cluster", { ...found({}), ...living })).error).toBeUndefined();
  });

  it("ask of the cluster's role in Auto Mode that it may tag its sessions", async () => {
    const invokes = {
      "aws:iam/getRole:getRole": ({ name }: Record<string, unknown>) => {
        const services = ["eks", "ec2", "pods.eks"].map((one) => `${one}.amazonaws.com`);
        const Statement = services.map((Service) => ({
          Effect: "Allow",
          Principal: { Service },
          Action: Service.startsWith("pods.") ? ["sts:AssumeRole", "sts:TagSession"] : "sts:AssumeRole",
        }));
        const arn = `arn:aws:iam::123456789012:role/${String(name)}`;
        return { name, arn, assumeRolePolicy: JSON.stringify({ Statement }) };
      },
    };
    expect((await runStack("cluster", { invokes })).error).toBeUndefined();
    const automatic = await runStack("cluster", { invokes, config: { autoMode: true } });
    expect(automatic.error?.message).toMatch(/clusterRoleArn: [^\n]*allow sts:TagSession/);
  });

  it("are looked at before anything is made: roles, service range, key", async () => {
    const run = await runStack("cluster", {
      config: {
        serviceCidr: "10.0.128.0/20",
        clusterKeyArn: "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
      },
      upstream: {
        iam: {
          clusterRoleArn: "arn:aws:iam::123456789012:role/pods-only",
          nodeRoleArn: "arn:aws:iam::123456789012:role/gone",
          vpcCniRoleArn: "arn:aws:iam::123456789012:role/pods-only",
        },
      },
      invokes: {
        "aws:kms/getKey:getKey": (inputs) => ({ ...inputs, enabled: false, keyUsage: "ENCRYPT_DECRYPT" }),
        "aws:iam/getRole:getRole": ({ name }) => {
          if (name === "gone") throw new Error("NoSuchEntity: The role with name gone cannot be found.");
          const statement = {
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole"],
          };
          return {
            name,
            arn: `arn:aws:iam::123456789012:role/${String(name)}`,
            assumeRolePolicy: JSON.stringify({ Statement: [statement] }),
          };
        },
      },
    });
    const message = run.error?.message ?? "";
    expect(message).toContain("clusterRoleArn: role pods-only does not let eks.amazonaws.com use it");
    expect(message).toContain("nodeRoleArn: no role gone can be read");
    expect(message).toContain("vpcCniRoleArn: role pods-only does not let pods.eks.amazonaws.com use it");
    expect(message).toContain("allow sts:TagSession");
    expect(message).toContain("serviceCidr 10.0.128.0/20 overlaps 10.0.0.0/16");
    expect(message).toContain("clusterKeyArn");
    expect(run.ofType("aws:kms/key:Key")).toEqual([]);
    expect(run.ofType("aws:eks/cluster:Cluster")).toEqual([]);
  });

  it("are a version that EKS has, where the table of versions doesn't know it", async () => {
    const asked: unknown[] = [];
    const invokes: RunOptions["invokes"] = {
      "aws:eks/getAddonVersion:getAddonVersion": (inputs) => {
        asked.push(inputs["kubernetesVersion"]);
        if (inputs["kubernetesVersion"] === "1.39") throw new Error("couldn't find resource");
        return { ...inputs, version: "v1.0.0-eksbuild.1" };
      },
    };
    const run = await runStack("cluster", { config: { kubernetesVersion: "1.39" }, invokes });
    expect(run.error?.message).toContain("kubernetesVersion 1.39: EKS has no kube-proxy for it");
    expect(run.error?.message).toContain("`pulumi config set kubernetesVersion 1.35`");
    expect(run.resources).toEqual([]);
    expect(asked).toEqual(["1.39"]);
    expect((await runStack("cluster", { config: { kubernetesVersion: "1.36" }, invokes })).error).toBeUndefined();
  });
});
