import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Run } from "../../support/mocks";
import { PEM, environmentOf, podOf, runService } from "./run";

const [API, CONSOLE, JOBS] = ["pulumi-api", "pulumi-console", "pulumi-api-jobs"];
type Json = Record<string, unknown>;
const spec = (run: Run, type: string, name: string) => run.one(type, name).inputs["spec"] as Json;
const policy = (run: Run, name: string) => spec(run, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name);

describe("08-service: TLS to the pods", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService({ podTls: true });
  });

  it("serves with a certificate for the API's address in the cluster, whose key stays secret", () => {
    expect(run.error).toBeUndefined();
    const certificate = run.one("tls:index/selfSignedCert:SelfSignedCert", "pod-tls");
    expect(certificate.inputs["dnsNames"]).toEqual(["pulumi-api.pulumi-service"]);
    for (const [name, prefix] of [
      [API, "API"],
      [CONSOLE, "CONSOLE"],
    ] as const) {
      const { plain, secret } = environmentOf(run, name);
      expect(plain).toMatchObject({
        [`${prefix}_TLS_CERTIFICATE`]: certificate.state["certPem"],
        [`${prefix}_MIN_TLS_VERSION`]: "1.2",
      });
      expect(secret[`${prefix}_TLS_PRIVATE_KEY`]).toContain("PRIVATE KEY");
    }
  });

  it("has the console trust the API by a file, and reach it over TLS", () => {
    expect(environmentOf(run, CONSOLE).plain).toMatchObject({
      PULUMI_API_INTERNAL_ENDPOINT: "https://pulumi-api.pulumi-service:443",
      NODE_EXTRA_CA_CERTS: "/pulumi-tls/ca.pem",
    });
    const pod = podOf(run, CONSOLE);
    expect(pod.spec.containers[0]["volumeMounts"]).toContainEqual({
      ...{ name: "ca-pem", mountPath: "/pulumi-tls", readOnly: true },
    });
    expect(pod.spec["volumes"]).toContainEqual({
      name: "ca-pem",
      secret: { secretName: CONSOLE, items: [{ key: "ca.pem", path: "ca.pem" }] },
    });
  });

  it.each([
    ["api", API, 8443],
    ["console", CONSOLE, 3443],
  ])("opens %s's TLS port and no other, from the load balancer to the probe", (component, name, port) => {
    const group = run.one("aws:lb/targetGroup:TargetGroup", `${component}-tls`);
    expect(group.inputs).toMatchObject({ protocol: "HTTPS", port, healthCheck: { protocol: "HTTPS" } });
    expect(group.inputs["name"]).toMatch(/-tls$/);
    for (const type of ["Ingress", "Egress"]) {
      const rule = run.one(`aws:vpc/securityGroup${type}Rule:SecurityGroup${type}Rule`, `to-${component}`).inputs;
      expect([rule["fromPort"], rule["toPort"]]).toEqual([port, port]);
    }
    const [container] = podOf(run, name).spec.containers;
    expect(container["ports"]).toEqual([{ name: "http", containerPort: port, protocol: "TCP" }]);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      expect(container[probe]).toMatchObject({ httpGet: { scheme: "HTTPS" } });
    }
    const binding = spec(run, "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", name);
    expect(binding["serviceRef"]).toEqual({ name, port: 443 });
    expect(policy(run, name)["ingress"]).toEqual([{ ports: [{ port, protocol: "TCP" }] }]);
  });

  it("takes a given pair and makes none; half of one, or one for TLS that is off, is refused", async () => {
    const given = await runService({ podTls: true, podTlsCertificate: PEM, podTlsPrivateKey: "our-key" });
    expect(given.resources.filter(({ type }) => type.startsWith("tls:"))).toEqual([]);
    expect(environmentOf(given, API).secret["API_TLS_PRIVATE_KEY"]).toBe("our-key");
    const half = await runService({ podTls: true, podTlsCertificate: PEM });
    expect(half.error?.message).toContain("podTlsCertificate is set without podTlsPrivateKey");
    const off = await runService({ podTlsCertificate: PEM, podTlsPrivateKey: "our-key" });
    expect(off.error?.message).toContain("podTlsCertificate means nothing without podTls");
    const path = await runService({
      podTls: true,
      podTlsCertificate: "/etc/tls/pods.pem",
      podTlsPrivateKey: "our-key",
    });
    expect(path.error?.message).toContain("podTlsCertificate must be the text of PEM certificates");
  });
});

describe("08-service: background jobs in pods of their own", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService({ apiMode: "split", jobsReplicas: 2, resources: { jobs: { cpu: 500, memory: 1024 } } });
  });

  it("share the API's variables, each with its mode", () => {
    const [api, jobs] = [environmentOf(run, API), environmentOf(run, JOBS)];
    expect(api.plain["PULUMI_API_CONTAINER_MODE"]).toBe("API");
    expect(jobs.plain).toEqual({ ...api.plain, PULUMI_API_CONTAINER_MODE: "JOBS" });
    expect(jobs.secret).toEqual(api.secret);
  });

  it("run as the API's account, in their own number and size, and nobody reaches them", () => {
    expect(spec(run, "kubernetes:apps/v1:Deployment", JOBS)).toMatchObject({ replicas: 2 });
    const { spec: pod } = podOf(run, JOBS);
    expect(pod["serviceAccountName"]).toBe(API);
    expect(pod.containers[0]["resources"]).toMatchObject({ requests: { cpu: "500m", memory: "1024Mi" } });
    expect(pod.containers[0]["ports"]).toBeUndefined();
    expect(policy(run, JOBS)).toMatchObject({ ingress: [], egress: policy(run, API)["egress"] });
    const names = (type: string) => run.ofType(type).map(({ name }) => name);
    expect(names("kubernetes:core/v1:Service")).toEqual([API, CONSOLE]);
    expect(names("kubernetes:core/v1:ServiceAccount")).not.toContain(JOBS);
    expect(spec(run, "kubernetes:policy/v1:PodDisruptionBudget", JOBS)).toMatchObject({
      ...{ maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": JOBS } } },
    });
  });

  it("don't exist unless asked for, and the API then does everything", async () => {
    const full = await runService();
    expect(
      full
        .ofType("kubernetes:apps/v1:Deployment")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([API, CONSOLE]);
    expect(environmentOf(full, API).plain["PULUMI_API_CONTAINER_MODE"]).toBeUndefined();
  });
});

describe("08-service: a web ACL of our own", () => {
  const ACL = "aws:wafv2/webAcl:WebAcl";
  interface Rule {
    readonly name: string;
    readonly statement: { managedRuleGroupStatement?: { ruleActionOverrides: { name: string; actionToUse: Json }[] } };
  }

  it("guards the load balancer with AWS's rules, none of which judges a body", async () => {
    const run = await runService({ webAcl: "managed" });
    const { inputs, state } = run.one(ACL);
    expect(run.one("aws:wafv2/webAclAssociation:WebAclAssociation").inputs["webAclArn"]).toBe(state["arn"]);
    expect(inputs).toMatchObject({ scope: "REGIONAL", defaultAction: { allow: {} } });
    const rules = inputs["rules"] as Rule[];
    expect(rules.map(({ name }) => name)).toEqual([
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesKnownBadInputsRuleSet",
    ]);
    const counted = rules.flatMap(({ statement }) => statement.managedRuleGroupStatement?.ruleActionOverrides ?? []);
    expect(counted).toContainEqual({ name: "SizeRestrictions_BODY", actionToUse: { count: {} } });
    for (const { name } of counted) expect(name).toMatch(/_BODY$/);
    // All that the three groups have. Source: AWS WAF developer guide, AWS Managed Rules, baseline rule groups.
    expect(counted.map(({ name }) => name)).toEqual([
      ...["SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY"],
      ...["CrossSiteScripting_BODY", "JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"],
    ]);
  });

  it("limits an address when asked to", async () => {
    const run = await runService({ webAcl: "managed", webAclRateLimit: 20000 });
    expect((run.one(ACL).inputs["rules"] as Rule[])[0]).toMatchObject({
      action: { block: {} },
      statement: { rateBasedStatement: { limit: 20000, aggregateKeyType: "IP" } },
    });
  });

  it("is refused beside a given one, and its limit without it", async () => {
    const webAclArn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/ours/01234567-89ab-4cde-8f01-23456789abcd";
    const both = await runService({ webAcl: "managed", webAclArn });
    expect(both.error?.message).toContain("webAcl managed makes a web ACL, and webAclArn gives one");
    const alone = await runService({ webAclRateLimit: 20000 });
    expect(alone.error?.message).toContain("webAclRateLimit is a rule of webAcl managed");
  });
});
