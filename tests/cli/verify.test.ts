import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { verify, type Outcome, type VerifyOptions } from "../../cli/verify";
import type { Workloads } from "../../cli/verify/cluster";
import type { Facts } from "../../cli/verify/facts";
import type { TaskService, TaskServices } from "../../cli/verify/tasks";
import { Network } from "../../cli/verify/network";
import { line, total } from "../../cli/verify/report";
import { API, BALANCER, BALANCER_NAME, CONSOLE, Installation } from "./installation";

let installation: Installation;

beforeEach(async () => {
  installation = await Installation.start();
});
afterEach(() => installation.stop());

const RULE = "aws:lb/listenerRule:ListenerRule";
const LISTENER = "aws:lb/listener:Listener";
const RECORD = "aws:route53/record:Record";

/** Outcomes by check. */
async function outcomes(
  more: {
    facts?: Partial<Facts>;
    options?: Partial<VerifyOptions>;
    workloads?: Workloads | Error;
    tasks?: TaskServices | Error;
  } = {},
): Promise<Map<string, Outcome>> {
  const facts = { ...installation.facts, ...more.facts };
  const readWorkloads = () =>
    more.workloads instanceof Error ? Promise.reject(more.workloads) : Promise.resolve(more.workloads ?? workloads());
  const readTaskServices = () =>
    more.tasks instanceof Error ? Promise.reject(more.tasks) : Promise.resolve(more.tasks ?? taskServices());
  const found = new Map<string, Outcome>();
  const surroundings = { readWorkloads, readTaskServices };
  for await (const one of verify(facts, await installation.options(more.options), surroundings)) {
    found.set(one.name, one);
  }
  return found;
}

/** The failures, each as "cause → remedy". */
async function failures(...more: Parameters<typeof outcomes>): Promise<Record<string, string>> {
  const failed = [...(await outcomes(...more)).values()].filter(({ status }) => status === "failed");
  return Object.fromEntries(failed.map(({ name, detail, remedy }) => [name, `${detail} → ${remedy ?? ""}`]));
}

describe("verify: a service as it must be", () => {
  it("passes every check", async () => {
    const found = await outcomes({ options: { cluster: true } });
    expect([...found.values()].filter(({ status }) => status !== "passed")).toEqual([]);
    expect([...found.keys()]).toEqual([
      `DNS ${API}`,
      `DNS ${CONSOLE}`,
      ...[`certificate ${API}`, `TLS ${API}`, `redirect ${API}`, `API https://${API}/api/status`],
      ...[`certificate ${CONSOLE}`, `TLS ${CONSOLE}`, `redirect ${CONSOLE}`, `console https://${CONSOLE}/`],
      ...["cluster", "version of the api", "version of the console", "migrations"],
    ]);
    expect(total([...found.values()])).toBe("14 of 14 checks passed, 0 failed.");
  });

  it("is looked at before names are moved, by --connect-to", async () => {
    for (const name of [API, CONSOLE]) installation.world.remove(RECORD, `Z1_${name}_A`);
    const { connectTo } = await installation.options();
    const [http = "", https = ""] = connectTo.map((one) => one.split("::")[1]);
    const found = await outcomes({
      options: { connectTo: [`:80:${BALANCER_NAME}:${http}`, `:443:${BALANCER_NAME}:${https}`] },
    });
    expect(found.get(`DNS ${API}`)).toMatchObject({
      status: "skipped",
      detail: expect.stringContaining("--connect-to"),
    });
    expect([...found.values()].filter(({ status }) => status === "failed")).toEqual([]);
    expect(found.get(`API https://${API}/api/status`)?.status).toBe("passed");
  });
});

describe("verify: names", () => {
  it("that aren't there make the checks behind them pointless", async () => {
    installation.world.remove(RECORD, `Z1_${API}_A`);
    const found = await outcomes();
    expect(found.get(`DNS ${API}`)).toMatchObject({
      status: "failed",
      detail: `${API} has no address`,
      remedy: expect.stringMatching(/cd 09-dns && pulumi up --refresh --stack test.*private zone.*--dns-server/),
    });
    expect(found.get(`certificate ${API}`)).toMatchObject({
      status: "skipped",
      detail: `not tried, because of "DNS ${API}"`,
    });
    expect(found.get(`console https://${CONSOLE}/`)?.status).toBe("passed");
  });

  it("are asked for as records where 09 isn't deployed", async () => {
    installation.world.remove(RECORD, `Z1_${API}_A`);
    const { [`DNS ${API}`]: said } = await failures({ facts: { hasDns: false } });
    expect(said).toContain(`or create the record ${API} ALIAS/CNAME ${BALANCER_NAME}`);
  });

  it("must lead to the load balancer, or to the one that takes over", async () => {
    const other = "other-1234567890.us-west-2.elb.amazonaws.com";
    installation.balancer("arn:other", other);
    installation.alias(API, other);
    expect((await failures())[`DNS ${API}`]).toMatch(
      new RegExp(`${API} leads to 127[.\\d]+, the load balancer is at 127[.\\d]+ → let it lead to ${BALANCER_NAME}`),
    );
    expect(await failures({ facts: { targets: [BALANCER_NAME, other] } })).toEqual({});
  });

  it("need a DNS server that answers, and a load balancer that is there", async () => {
    const { [`DNS ${API}`]: dead } = await failures({ options: { dnsServer: "127.0.0.1:1" } });
    expect(dead).toContain("DNS server 127.0.0.1:1 gives no answer");
    installation.alias(API, "gone-1.us-east-1.elb.amazonaws.com");
    const { [`DNS ${CONSOLE}`]: gone } = await failures({ facts: { targets: ["gone-1.us-east-1.elb.amazonaws.com"] } });
    expect(gone).toContain("there is no such load balancer → cd 08-service && pulumi up --refresh");
  });

  it("are refused as options that can't be read", async () => {
    expect(() => new Network({ connectTo: ["api.example.org=10.0.0.7"] })).toThrow(
      "write host:port:otherHost:otherPort",
    );
    expect(() => new Network({ dnsServer: "a server", connectTo: [] })).toThrow(
      "--dns-server a server: give an address",
    );
    await expect(outcomes({ options: { ca: "/none.pem" } })).rejects.toThrow("--ca /none.pem can't be read (ENOENT)");
    expect(new Network({ connectTo: [`${API}:443:[::1]:8443`] }).isDetoured(API)).toBe(true);
  });
});

describe("verify: certificate and TLS", () => {
  it("tells a certificate for other names, of an authority that nobody trusts, or near its end", async () => {
    installation.certificate("certificate", "www.example.org", []);
    expect((await failures())[`certificate ${API}`]).toMatch(/it is for www\.example\.org, not for .*certificateArn/);
    installation.certificate("certificate", API, [CONSOLE], 10);
    expect((await failures())[`certificate ${API}`]).toMatch(/it ends in (9|10) days.*ACM renews 60 days before/);
    installation.certificate("certificate", API, [CONSOLE]);
    expect(await failures({ options: { minimumDays: 390 } })).toEqual({});
    expect((await failures({ options: { ca: undefined } }))[`certificate ${API}`]).toMatch(
      /whom this machine doesn't trust \(SELF_SIGNED_CERT_IN_CHAIN\) → .*--ca/,
    );
  });

  it("tells a listener that speaks TLS 1.1 and older, or isn't there", async () => {
    installation.put(LISTENER, `${BALANCER}/https`, { sslPolicy: "ELBSecurityPolicy-2016-08" });
    expect((await failures())[`TLS ${API}`]).toContain("it also speaks TLSv1.1");
    installation.world.remove(LISTENER, `${BALANCER}/https`);
    const found = await failures();
    expect(found[`certificate ${API}`]).toMatch(/ECONNREFUSED.* → port 443 must be open/);
    expect(found[`redirect ${API}`]).toBeUndefined();
    installation.world.remove(LISTENER, `${BALANCER}/http`);
    expect((await failures())[`redirect ${API}`]).toMatch(
      /ECONNREFUSED.* → port 80 must be open.*internal.*--connect-to/,
    );
  });
});

describe("verify: pages", () => {
  it("tells a listener on port 80 that answers instead of sending on", async () => {
    const fixedResponse = { contentType: "text/plain", statusCode: "200", messageBody: "hello" };
    installation.put(LISTENER, `${BALANCER}/http`, { defaultActions: [{ type: "fixed-response", fixedResponse }] });
    expect((await failures())[`redirect ${API}`]).toContain(`http://${API}/ answers 200, and no redirect`);
  });

  it("tells why the API doesn't answer: no target, no rule, a target that isn't the API", async () => {
    const service = "aws:ecs/service:Service";
    const api = `API https://${API}/api/status`;
    installation.put(service, `${BALANCER}/service`, { desiredCount: 0 });
    expect(Object.keys(await failures())).toEqual([api]);
    expect((await failures())[api]).toMatch(
      /answers 503: the load balancer has no healthy target → kubectl describe pods/,
    );
    expect((await failures({ facts: { platform: "fargate" } }))[api]).toMatch(
      /→ aws ecs describe-services --cluster pulumi-test --services pulumi-api .*aws logs tail \/pulumi-selfhosted\/pulumi\/test\/pulumi-api /,
    );
    installation.put(service, `${BALANCER}/service`, { desiredCount: 1 });
    installation.world.remove(RULE, `${BALANCER}/rule/service`);
    expect((await failures())[api]).toContain("answers 404: the load balancer doesn't know the name → cd 08-service");
  });

  it("counts only targets that pass the group's health check", async () => {
    installation.put("aws:lb/targetGroup:TargetGroup", `${BALANCER}/console`, {
      healthCheck: { path: "/healthz", matcher: "200" },
    });
    expect(Object.keys(await failures())).toEqual([`console https://${CONSOLE}/`]);
  });
});

describe("verify: the cluster", () => {
  const judged = async (found: Workloads | Error, facts: Partial<Facts> = {}) =>
    failures({ options: { cluster: true }, workloads: found, facts });

  it("tells pods of another version, and pods that don't serve, with Kubernetes' reasons", async () => {
    expect(await judged(workloads({ api: { image: "registry.example.com:5000/service:3.43.0" } }))).toEqual({
      "version of the api": expect.stringMatching(
        /pulumi-api runs .*:3\.43\.0, 08-service says 3\.44\.0 → somebody else/,
      ),
    });
    const waiting = {
      metadata: { labels: name("pulumi-api") },
      status: { containerStatuses: [container("ImagePullBackOff")] },
    };
    expect(await judged({ ...workloads({ api: { available: 1 } }), ...plain({ pods: [waiting] }) })).toEqual({
      "version of the api": expect.stringMatching(
        /of 2 pods 2 are of 3\.44\.0 and 1 serve: ImagePullBackOff → kubectl describe/,
      ),
    });
    expect(await judged({ ...workloads(), deployments: [] })).toMatchObject({
      "version of the console": expect.stringContaining("there is no Deployment pulumi-console"),
    });
  });

  it("tells pods that somebody took away", async () => {
    expect(await judged(workloads({ api: { replicas: 0, available: 0 } }))).toEqual({
      "version of the api": expect.stringMatching(/no pods at all → kubectl scale .* deployment\/pulumi-api/),
    });
  });

  it("takes an image by tag and digest for its version", async () => {
    const image = `pulumi/service:3.44.0@sha256:${"0".repeat(64)}`;
    expect(await judged(workloads({ api: { image } }))).toEqual({});
  });

  it("tells migrations that failed, go on, or were never run for the version", async () => {
    const message = "Job has reached the specified backoff limit";
    expect(await judged(workloads({ job: { conditions: [{ type: "Failed", status: "True", message }] } }))).toEqual({
      migrations: expect.stringMatching(
        /failed: Job has reached.* → kubectl logs -n pulumi-service job\/migrations-1, mend/,
      ),
    });
    expect(await judged(workloads({ job: {} }))).toMatchObject({
      migrations: expect.stringContaining("has not ended yet"),
    });
    expect(await judged({ ...workloads(), jobs: [] })).toMatchObject({
      migrations: expect.stringContaining("no migrations of 3.44.0 were run"),
    });
    // None run on the way back.
    expect(await judged({ ...workloads(), jobs: [] }, { schema: "3.45.0, run 2" })).toEqual({});
  });

  it("that doesn't answer is one failure, and not four", async () => {
    const found = await outcomes({ options: { cluster: true }, workloads: new Error("connect ECONNREFUSED") });
    expect(found.get("cluster")).toMatchObject({ status: "failed", remedy: expect.stringContaining("--no-cluster") });
    expect(found.get("migrations")).toMatchObject({ status: "skipped", detail: 'not tried, because of "cluster"' });
  });

  it("isn't asked without a kubeconfig, and whose it would be is said", async () => {
    const found = await outcomes({ options: { cluster: true }, facts: { kubeconfig: undefined } });
    expect(found.get("cluster")?.status).toBe("skipped");
    expect(found.get("cluster")?.detail).toContain("03-cluster isn't up, or not as test");
  });
});

describe("verify: Fargate", () => {
  const onFargate = { platform: "fargate", kubeconfig: undefined, migrationTask: "0123456789abcdef" };
  const judged = async (tasks: TaskServices | Error, facts: Partial<Facts> = {}) =>
    failures({ options: { cluster: true }, tasks, facts: { ...onFargate, ...facts } });

  it("passes every check, those of the version and the migrations too", async () => {
    const found = [...(await outcomes({ options: { cluster: true }, facts: onFargate })).values()];
    expect(found.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(found.slice(-4).map(({ name, detail }) => [name, detail])).toEqual([
      ["cluster", "pulumi-test, 2 of 2 ECS services"],
      ["version of the api", "pulumi/service:3.44.0, 2 tasks run"],
      ["version of the console", "pulumi/console:3.44.0, 2 tasks run"],
      ["migrations", "task 0123456789abcdef ended with exit code 0"],
    ]);
  });

  it("tells a version that ECS took back, tasks that don't run, and a service that is gone", async () => {
    expect(await judged(taskServices({ image: "pulumi/service:3.43.0" }))).toEqual({
      "version of the api": expect.stringMatching(/pulumi-api runs .*:3\.43\.0, 08-service says 3\.44\.0 → .*took/),
    });
    const rollout = { rolloutState: "IN_PROGRESS", rolloutStateReason: "tasks failed to start" };
    expect(await judged(taskServices({ runningCount: 1, deployments: [rollout] }))).toEqual({
      "version of the api": expect.stringMatching(
        /of 2 tasks 1 run, its rollout is IN_PROGRESS \(tasks failed to start\) → aws ecs describe-services/,
      ),
    });
    expect(await judged(taskServices({ runningCount: 1 }))).toHaveProperty(["version of the api"]);
    expect(await judged(taskServices({ desiredCount: 0, runningCount: 0 }))).toEqual({
      "version of the api": expect.stringMatching(/no tasks at all → aws ecs update-service .* --region us-east-1/),
    });
    expect(await judged({ ...taskServices(), api: undefined })).toEqual({
      "version of the api": expect.stringContaining("there is no ECS service pulumi-api → cd 08-service"),
    });
  });

  it("tells migrations that were never run, but for the way back from a newer version", async () => {
    const none = { migrationTask: undefined };
    expect(await judged(taskServices(), none)).toEqual({
      migrations: expect.stringContaining("no migrations of 3.44.0 were run → cd 08-service"),
    });
    expect(await judged(taskServices(), { ...none, schema: "3.45.0" })).toEqual({});
  });

  it("that can't be asked is one failure, with what is missing", async () => {
    const missing = Object.assign(new Error("spawn aws ENOENT"), { code: "ENOENT" });
    expect(await judged(missing)).toEqual({
      cluster: expect.stringMatching(/the AWS CLI isn't on PATH.*ecs:DescribeServices.*--no-cluster/),
    });
    const denied = Object.assign(new Error("Command failed"), { code: 254, stderr: "\nAccessDenied: no\n" });
    expect((await judged(denied))["cluster"]).toContain("it gives no answer (AccessDenied: no)");
  });
});

describe("verify: what people see", () => {
  it("is one line for a check, and what to do below a failure", () => {
    const failed = { name: "DNS a", status: "failed", detail: "a has no address", remedy: "make one" } as const;
    expect(line(failed)).toMatch(/^ {2}✖ DNS a {2,}a has no address\n {6}→ make one$/);
    expect(total([failed, { ...failed, status: "skipped" }])).toBe("0 of 2 checks passed, 1 failed, 1 not tried.");
  });
});

function name(of: string) {
  return { "app.kubernetes.io/name": of };
}

function container(reason: string) {
  return { name: "main", image: "", imageID: "", ready: false, restartCount: 0, state: { waiting: { reason } } };
}

/** A cluster in which all is well, but for what is given. */
function workloads(
  spoiled: {
    api?: { image?: string; available?: number; replicas?: number };
    job?: { conditions?: { type: string; status: string; message: string }[] };
  } = {},
): Workloads {
  const deployment = (of: string, image: string, available = 2, replicas = 2) => ({
    metadata: { name: of, labels: name(of), generation: 3 },
    spec: { replicas, selector: {}, template: { spec: { containers: [{ name: "main", image }] } } },
    status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: available },
  });
  const { api, job } = spoiled;
  return plain({
    deployments: [
      deployment("pulumi-api", api?.image ?? "pulumi/service:3.44.0", api?.available, api?.replicas),
      deployment("pulumi-console", "pulumi/console:3.44.0"),
    ],
    jobs: [
      {
        metadata: { name: "migrations-1", labels: name("pulumi-migrations") },
        spec: { template: { spec: { containers: [{ name: "main", image: "pulumi/migrations:3.44.0" }] } } },
        status: job ?? { succeeded: 1 },
      },
    ],
    pods: [],
  }) as Workloads;
}

/** ECS services in which all is well, but for what is given of the API's. */
function taskServices(spoiled: Partial<TaskService> = {}): TaskServices {
  const well = { status: "ACTIVE", desiredCount: 2, runningCount: 2, deployments: [{ rolloutState: "COMPLETED" }] };
  return {
    api: { ...well, image: "pulumi/service:3.44.0", ...spoiled },
    console: { ...well, image: "pulumi/console:3.44.0" },
  };
}

/** Objects as an API answers with them: the client's classes only name their types. */
function plain(found: Readonly<Record<string, unknown>>): Partial<Workloads> {
  return JSON.parse(JSON.stringify(found)) as Partial<Workloads>;
}
