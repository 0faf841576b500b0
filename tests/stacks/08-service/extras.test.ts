import { describe, expect, it } from "@jest/globals";
import { environmentOf, podOf, runService, variablesOf } from "./run";

const API = "pulumi-api";
const CA = { mountPath: "/etc/corp-ca", volume: { configMap: { name: "corp-ca" } } };

describe("08-service: extras", () => {
  it("add variables, secret ones by reference, to the component they are for", async () => {
    const run = await runService({
      extras: {
        api: {
          environment: { HTTPS_PROXY: "http://proxy.example.com:3128" },
          secretEnvironment: { TOKEN: { secretName: "tokens", key: "api" } },
        },
        migrations: { environment: { METADATA_LOCK_RETRIES: "9" } },
      },
    });
    expect(run.error).toBeUndefined();
    expect(variablesOf(run, API)).toEqual(
      expect.arrayContaining([
        { name: "HTTPS_PROXY", value: "http://proxy.example.com:3128" },
        { name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "api" } } },
      ]),
    );
    expect(environmentOf(run, "pulumi-migrations").plain["METADATA_LOCK_RETRIES"]).toBe("9");
    expect(environmentOf(run, "pulumi-console").plain["HTTPS_PROXY"]).toBeUndefined();
  });

  it("add labels, annotations and volumes to pods, and take none of their own away", async () => {
    const run = await runService({
      extras: {
        console: {
          ...{ podLabels: { team: "platform" }, podAnnotations: { "example.com/scrape": "true" } },
          volumes: [CA, { mountPath: "/cache", readOnly: false, volume: { emptyDir: {} } }],
        },
      },
    });
    const pod = podOf(run, "pulumi-console");
    expect(pod.metadata.labels).toMatchObject({ team: "platform", "app.kubernetes.io/name": "pulumi-console" });
    expect(Object.keys(pod.metadata.annotations ?? {}).sort()).toEqual([
      "example.com/scrape",
      "pulumi-selfhosted/secrets-checksum",
    ]);
    expect(pod.spec["volumes"]).toEqual([
      { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
      { name: "extra-0", configMap: { name: "corp-ca" } },
      { name: "extra-1", emptyDir: {} },
    ]);
    expect(pod.spec.containers[0]["volumeMounts"]).toEqual([
      { name: "tmp", mountPath: "/tmp" },
      { name: "extra-0", mountPath: "/etc/corp-ca", readOnly: true },
      { name: "extra-1", mountPath: "/cache", readOnly: false },
    ]);
  });

  it("run migrations again when they change what these run with", async () => {
    const name = async (config: Record<string, unknown>) =>
      (await runService(config)).one("kubernetes:batch/v1:Job", "pulumi-migrations").inputs["metadata"];
    const changed = { extras: { migrations: { environment: { MIGRATIONS_TABLE_NAME: "other" } } } };
    expect(await name(changed)).not.toEqual(await name({}));
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "a variable that has a key, even one that is off",
      { api: { environment: { PULUMI_DISABLE_EMAIL_LOGIN: "true" } } },
      "extras.api sets PULUMI_DISABLE_EMAIL_LOGIN, which this stack sets by a key of its own",
    ],
    [
      "a secret variable of ours",
      { console: { secretEnvironment: { AG_GRID_LICENSE_KEY: { secretName: "a", key: "b" } } } },
      "extras.console sets AG_GRID_LICENSE_KEY",
    ],
    [
      "the label that selects the pods",
      { api: { podLabels: { "app.kubernetes.io/name": "mine" } } },
      "by which this stack finds its pods",
    ],
    ["the port it listens on", { console: { environment: { PORT: "80" } } }, "extras.console sets PORT"],
    ["a path that is mounted", { api: { volumes: [{ ...CA, mountPath: "/tmp/x" }] } }, "mountPath must not be /"],
    [
      "the host's files",
      { api: { volumes: [{ mountPath: "/host", volume: { hostPath: { path: "/" } } }] } },
      "the namespace lets in no other (Pod Security, restricted)",
    ],
    ["a component that isn't one", { proxy: {} }, "must be one of api, console, migrations"],
  ])("are refused for %s", async (_what, extras, message) => {
    const run = await runService({ extras });
    expect(run.error?.message).toContain(message);
    expect(run.resources).toEqual([]);
  });

  it("are refused on Fargate where a task has no place for them", async () => {
    const run = await runService({ platform: "fargate", extras: { api: { podLabels: { a: "b" }, volumes: [CA] } } });
    expect(run.error?.message).toContain("extras.api.podLabels: a task of Fargate has no place for it");
    expect(run.error?.message).toContain("extras.api.volumes: a task of Fargate has no place for it");
  });
});

describe("08-service: images", () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

  it("are pinned by digest beside their tag, all three", async () => {
    const imageDigests = { service: digest("1"), console: digest("2"), migrations: digest("3") };
    const run = await runService({ imageDigests });
    const names = [API, "pulumi-console", "pulumi-migrations"];
    expect(names.map((name) => podOf(run, name).spec.containers[0].image)).toEqual([
      `pulumi/service:3.44.0@${digest("1")}`,
      `pulumi/console:3.44.0@${digest("2")}`,
      `pulumi/migrations:3.44.0@${digest("3")}`,
    ]);
    const part = await runService({ imageDigests: { service: digest("1") } });
    expect(part.error?.message).toContain("imageDigests [console]");
  });

  it("run in the priority class that is asked for, jobs too", async () => {
    const run = await runService({ priorityClassName: "high" });
    for (const name of [API, "pulumi-console", "pulumi-migrations", "pulumi-database-user"]) {
      expect(podOf(run, name).spec["priorityClassName"]).toBe("high");
    }
  });
});
