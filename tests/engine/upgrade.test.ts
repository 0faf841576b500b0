import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { importedCertificate } from "./support/certificate";
import { parse } from "yaml";
import { bringUpAll } from "./support/chain";
import { kubectl } from "./support/kubectl";
import { Sandbox, type StateResource } from "./support/sandbox";
import { failuresOf, verified } from "./support/verify";
import { waysIn } from "./support/ways";

const sandbox = Sandbox.forThisFile();

const RECORD = "aws:route53/record:Record";

beforeAll(async () => {
  await bringUpAll(sandbox(), {
    configs: { service: { insights: "off", esc: "off", imageTag: "3.44.0" } },
  });
});

async function resource(type: string, name: string): Promise<StateResource> {
  const all = await sandbox().resources("service");
  const found = all.find((one) => one.urn.endsWith(`::${type}::${name}`));
  if (!found) throw new Error(`no ${type} ${name} in the state of 08-service`);
  return found;
}

/** Image that a Deployment runs, as the cluster reported it last. */
async function running(name: string): Promise<string> {
  const { outputs } = await resource("kubernetes:apps/v1:Deployment", name);
  const text = JSON.stringify(outputs);
  return /"image":"([^"]+)"/.exec(text)?.[1] ?? text;
}

/** The check of verify's that asks the API itself. */
const API = "API https://api.pulumi.example.com/api/status";
const inNamespace = (...words: string[]) => kubectl(sandbox(), "--namespace", "pulumi-service", ...words);
const SERVERS = ["pulumi-api", "pulumi-console"];
const images = async () => Promise.all(SERVERS.map(running));

describe("08-service: another version", () => {
  it("runs the migrations once, then rolls the pods", async () => {
    const before = await resource("kubernetes:batch/v1:Job", "pulumi-migrations");
    sandbox().configure("service", { imageTag: "3.45.0" });
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.45.0", "pulumi/console:3.45.0"]);
    expect((await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id).not.toBe(before.id);
    await sandbox().up("service", "--expect-no-changes");
    const said = await verified(sandbox());
    expect([said.version, failuresOf(said)]).toEqual(["3.45.0", {}]);
  });

  it("whose migrations fail leaves the running one alone, and is taken up again once they can succeed", async () => {
    const faults = join(sandbox().home, "faults.json");
    writeFileSync(faults, JSON.stringify([{ job: "pulumi-service/pulumi-migrations", exitCode: 1 }]));
    sandbox().configure("service", { imageTag: "3.46.0" });
    const said = await sandbox().upFails("service");
    expect(said).toMatch(/pulumi-service\/pulumi-migrations-[0-9a-f]{8}/);
    expect(said).toContain("exit code 1");
    expect(said).toContain("kubectl logs -n pulumi-service -l app.kubernetes.io/name=pulumi-migrations");
    expect((await sandbox().outputs("service"))["version"]).toBe("3.45.0");
    expect(await images()).toEqual(["pulumi/service:3.45.0", "pulumi/console:3.45.0"]);

    rmSync(faults);
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.46.0", "pulumi/console:3.46.0"]);
    await sandbox().up("service", "--expect-no-changes");
  });

  it("that leaves out a major one is refused by what the state remembers, and so is a flip of the events' schema", async () => {
    sandbox().configure("service", { imageTag: "5.0.0", engineEventsLegacyWrite: true });
    const said = await sandbox().upFails("service");
    expect(said).toContain("imageTag 5.0.0 leaves out a major version after 3.46.0");
    expect(said).toContain("this installation writes engine events as schema V2");
    // What is remembered outlasts the refusal.
    expect(await sandbox().upFails("service")).toContain("after 3.46.0");
    sandbox().configure("service", { imageTag: "3.46.0", engineEventsLegacyWrite: undefined });
    await sandbox().up("service", "--expect-no-changes");
  });

  it("whose pods never come up is rolled back by the command that it names, though the schema is newer then", async () => {
    const faults = join(sandbox().home, "faults.json");
    writeFileSync(faults, JSON.stringify([{ image: "service:3.47.0", reason: "CrashLoopBackOff" }]));
    sandbox().configure("service", { imageTag: "3.47.0" });
    const said = await sandbox().upFails("service");
    expect(said).toContain("[CrashLoopBackOff]");
    const [, back] = /3\.46\.0 comes back by `pulumi config set imageTag (\S+) && pulumi up`/.exec(said) ?? [];
    // No pod that serves was given up for it.
    expect(Object.keys(failuresOf(await verified(sandbox())))).not.toContain(API);

    sandbox().configure("service", { imageTag: back });
    expect(await sandbox().up("service")).toContain("3.46.0 runs on the schema of 3.47.0");
    expect(await images()).toEqual(["pulumi/service:3.46.0", "pulumi/console:3.46.0"]);
    const { version, checks } = await verified(sandbox());
    expect([version, checks.filter(({ status }) => status === "failed")]).toEqual(["3.46.0", []]);

    rmSync(faults);
    sandbox().configure("service", { imageTag: "3.47.0" });
    await sandbox().up("service");
    expect(await images()).toEqual(["pulumi/service:3.47.0", "pulumi/console:3.47.0"]);
  });
});

describe("08-service: another size, number or licence", () => {
  it("is a change in place, and migrations don't run again", async () => {
    const before = await resource("kubernetes:batch/v1:Job", "pulumi-migrations");
    sandbox().configure("service", { size: "small", apiReplicas: 3 });
    await sandbox().configureSecret("service", "licenseKey", "another-licence");
    await sandbox().up("service");
    expect(JSON.stringify((await resource("kubernetes:apps/v1:Deployment", "pulumi-api")).inputs)).toContain("1000m");
    expect((await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id).toBe(before.id);
    await sandbox().up("service", "--expect-no-changes");
    const { checks } = await verified(sandbox());
    expect(checks.find(({ name }) => name === "version of the api")?.detail).toContain("3 pods serve");
  });
});

describe("08-service: the parts that are off by default", () => {
  const deployments = async () =>
    (await sandbox().resources("service"))
      .filter(({ type }) => type === "kubernetes:apps/v1:Deployment")
      .map(({ urn }) => urn.split("::").pop())
      .sort();

  it("come and go together: TLS to the pods, jobs apart, a web ACL, a local key", async () => {
    const usual = { ports: ["3000-3000", "8080-8080"], targets: ["HTTP 3000", "HTTP 8080"], webAcls: 0 };
    expect(waysIn(sandbox())).toEqual(usual);
    const on = { podTls: true, apiMode: "split", webAcl: "managed", acceptChanges: ["encryption"] };
    sandbox().configure("service", on);
    await sandbox().configureSecret("service", "localEncryptionKey", "0123456789abcdef0123456789abcdef");
    await sandbox().up("service");
    expect(waysIn(sandbox())).toEqual({
      ports: ["3443-3443", "8443-8443"],
      targets: ["HTTPS 3443", "HTTPS 8443"],
      webAcls: 1,
    });
    expect(await deployments()).toEqual(["pulumi-api", "pulumi-api-jobs", "pulumi-console"]);
    // A pod starts only with the Secret's key that its file is made of, and serves only at the port that its group asks.
    expect(failuresOf(await verified(sandbox()))).toEqual({});
    await sandbox().up("service", "--expect-no-changes");

    const off = { podTls: undefined, apiMode: undefined, webAcl: undefined, localEncryptionKey: undefined };
    sandbox().configure("service", off);
    await sandbox().up("service");
    sandbox().configure("service", { acceptChanges: undefined });
    expect(waysIn(sandbox())).toEqual(usual);
    expect(await deployments()).toEqual(SERVERS);
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });
});

describe("08-service: another password, certificate or part", () => {
  const LISTENER = "aws:lb/listener:Listener";
  /** Pods' annotations, which hold the checksums of what they run with. */
  const annotations = async (name: string) => {
    const { inputs } = await resource("kubernetes:apps/v1:Deployment", name);
    const spec = inputs?.["spec"] as { template: { metadata: { annotations: unknown } } };
    return spec.template.metadata.annotations;
  };

  it("gives the API's database user a new password: its pods roll, the console's and the migrations don't", async () => {
    const job = "kubernetes:batch/v1:Job";
    const [api, app] = [await annotations("pulumi-api"), await annotations("pulumi-console")];
    const before = {
      user: await resource(job, "pulumi-database-user"),
      migrations: await resource(job, "pulumi-migrations"),
    };
    sandbox().configure("service", { apiDatabasePasswordRotation: 2 });
    await sandbox().up("service");
    expect(await annotations("pulumi-api")).not.toEqual(api);
    expect(await annotations("pulumi-console")).toEqual(app);
    expect((await resource(job, "pulumi-database-user")).id).not.toBe(before.user.id);
    expect((await resource(job, "pulumi-migrations")).id).toBe(before.migrations.id);
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });

  it("takes a certificate of the customer's and gives it back, on the same load balancer and listener", async () => {
    const edge = async () => {
      const listener = await resource(LISTENER, "https");
      const balancer = await resource("aws:lb/loadBalancer:LoadBalancer", "service");
      return [balancer.id, listener.id];
    };
    const before = await edge();
    const { arn, ca } = await importedCertificate(sandbox());
    sandbox().configure("service", { certificateArn: arn, zoneName: undefined });
    await sandbox().up("service");
    expect(await edge()).toEqual(before);
    expect((await resource(LISTENER, "https")).inputs?.["certificateArn"]).toBe(arn);
    expect(failuresOf(await verified(sandbox()))[`certificate api.pulumi.example.com`]).toMatch(/doesn't trust.*--ca/);
    expect(failuresOf(await verified(sandbox(), "--ca", ca))).toEqual({});

    sandbox().configure("service", { certificateArn: undefined, zoneName: "example.com" });
    await sandbox().up("service");
    expect(await edge()).toEqual(before);
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });

  it("is told of search and ESC when they are switched on, and forgets them when they are switched off", async () => {
    const told = async () => {
      const text = JSON.stringify((await resource("kubernetes:apps/v1:Deployment", "pulumi-api")).inputs);
      return ["PULUMI_SEARCH_DOMAIN", "PULUMI_SERVICE_METADATA_BLOB_STORAGE_ENDPOINT"].map((name) =>
        text.includes(name),
      );
    };
    const migrations = (await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id;
    expect(await told()).toEqual([false, false]);
    sandbox().configure("service", { insights: "stack", esc: "stack" });
    await sandbox().up("service");
    expect(await told()).toEqual([true, true]);
    expect(failuresOf(await verified(sandbox()))).toEqual({});
    sandbox().configure("service", { insights: "off", esc: "off" });
    await sandbox().up("service");
    expect(await told()).toEqual([false, false]);
    expect((await resource("kubernetes:batch/v1:Job", "pulumi-migrations")).id).toBe(migrations);
  });
});

describe("09-dns: a second region", () => {
  it("comes and goes, though a name's records are all routed or none", async () => {
    const secondaryLoadBalancerDnsName = "other-1234567890.us-west-2.elb.amazonaws.com";
    sandbox().configure("dns", { secondaryLoadBalancerDnsName });
    await sandbox().up("dns");
    const records = () =>
      sandbox()
        .world()
        .filter(({ type, properties }) => type === RECORD && properties["type"] === "A");
    expect(
      records()
        .map(({ properties }) => properties["setIdentifier"])
        .sort(),
    ).toEqual(["primary", "primary", "secondary", "secondary"]);
    // This region's targets are healthy, so the names lead here.
    expect(failuresOf(await verified(sandbox()))).toEqual({});
    sandbox().configure("dns", { secondaryLoadBalancerDnsName: undefined });
    await sandbox().up("dns");
    expect(records()).toHaveLength(2);
    await sandbox().up("dns", "--expect-no-changes");
  });
});

describe("verify: a service that is broken", () => {
  it("has no pods left: who took them is told how to bring them back", async () => {
    await inNamespace("scale", "deployment/pulumi-console", "--replicas", "0");
    const failures = failuresOf(await verified(sandbox()));
    expect(failures).toEqual({
      "console https://app.pulumi.example.com/": expect.stringMatching(/503: the load balancer has no healthy target/),
      "version of the console": expect.stringContaining("→ kubectl scale -n pulumi-service deployment/pulumi-console"),
    });
    await inNamespace("scale", "deployment/pulumi-console", "--replicas", "2");
    await inNamespace("rollout", "status", "deployment/pulumi-console", "--timeout", "60s");
    expect(failuresOf(await verified(sandbox()))).toEqual({});
  });

  it("has no names: 09-dns is asked for, or the records that 08-service names", async () => {
    await sandbox().destroy("dns");
    expect(failuresOf(await verified(sandbox()))).toEqual({
      "DNS api.pulumi.example.com": expect.stringMatching(
        /has no address → cd 09-dns && pulumi up --stack test, or create the record api\.pulumi\.example\.com ALIAS/,
      ),
      "DNS app.pulumi.example.com": expect.stringContaining("has no address"),
    });
  });
});

describe("08-service: from Pulumi to GitOps and back", () => {
  const PODS_OF = ["apps/v1:Deployment", "batch/v1:Job", "core/v1:Secret", "core/v1:Service"];
  /** Kubernetes' own identity of each object: another one would be another object, and other pods. */
  async function identities(): Promise<string[]> {
    const objects = (await sandbox().resources("service")).filter(({ type }) => PODS_OF.includes(type.slice(11)));
    return objects
      .map(({ urn, outputs }) => `${urn} ${/"uid":"([^"]+)"/.exec(JSON.stringify(outputs))?.[1] ?? ""}`)
      .sort();
  }

  it("goes by files that hold no secret, and every object outlives both moves", async () => {
    const before = await identities();
    expect(before.length).toBeGreaterThan(8);
    const folder = join(sandbox().home, "manifests");
    sandbox().configure("service", {
      deliver: "gitops",
      gitopsDirectory: relative(join(__dirname, "..", "..", "08-service"), folder),
    });
    expect(await sandbox().upFails("service")).toContain("run `pulumi config set deliver handover && pulumi up` first");
    for (const deliver of ["handover", "gitops"]) {
      sandbox().configure("service", { deliver });
      await sandbox().up("service");
    }
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    const rendered = texts.map((text) => parse(text) as { kind: string });
    expect(rendered.filter(({ kind }) => kind === "Secret")).toEqual([]);
    expect(new Set(rendered.map(({ kind }) => kind))).toEqual(
      new Set([
        ...["Deployment", "ExternalSecret", "HorizontalPodAutoscaler", "Job", "Namespace", "NetworkPolicy"],
        ...["PodDisruptionBudget", "Service", "ServiceAccount", "TargetGroupBinding"],
      ]),
    );
    expect(texts.join()).not.toContain("another-licence");
    expect(await identities()).toEqual(expect.not.arrayContaining(before));

    for (const deliver of ["handover", "apply"]) {
      sandbox().configure("service", { deliver });
      await sandbox().up("service");
    }
    expect(await identities()).toEqual(before);
    expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([]);
  });
});
