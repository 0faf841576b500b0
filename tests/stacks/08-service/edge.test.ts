import { beforeAll, describe, expect, it } from "@jest/globals";
import { exampleOutputs, type Run } from "../../support/mocks";
import { PEM, runService } from "./run";

const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-4cde-8f01-23456789abcd";
const network = exampleOutputs("networking");

describe("08-service: load balancer", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runService();
  });
  const listener = (name: string) => run.one("aws:lb/listener:Listener", name).inputs;

  it("is one for both names, and its name is known without waiting for the cluster", () => {
    const { inputs, state, dependsOn } = run.one("aws:lb/loadBalancer:LoadBalancer");
    expect(inputs).toMatchObject({
      internal: false,
      subnets: network["publicSubnetIds"],
      idleTimeout: 120,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: false,
    });
    expect(dependsOn.filter((one) => one.startsWith("kubernetes"))).toEqual([]);
    expect(run.outputs).toMatchObject({
      loadBalancerDnsName: state["dnsName"],
      loadBalancerZoneId: state["zoneId"],
      apiUrl: "https://api.pulumi.example.com",
      consoleUrl: "https://app.pulumi.example.com",
      dnsRecords: [
        `api.pulumi.example.com  ALIAS/CNAME  ${String(state["dnsName"])}`,
        `app.pulumi.example.com  ALIAS/CNAME  ${String(state["dnsName"])}`,
      ],
    });
  });

  it("sends HTTP on to HTTPS, takes TLS 1.2 and 1.3 only, and answers other names with 404", () => {
    expect(listener("http")["defaultActions"]).toEqual([
      { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
    ]);
    expect(listener("https")).toMatchObject({ port: 443, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" });
    expect(JSON.stringify(listener("https")["defaultActions"])).toContain('"statusCode":"404"');
  });

  it.each([
    ["api", "api.pulumi.example.com", 8080, "/api/status"],
    ["console", "app.pulumi.example.com", 3000, "/"],
  ])("sends %s's name %s to pods on port %d, judged by %s", (name, host, port, healthPath) => {
    const group = run.one("aws:lb/targetGroup:TargetGroup", name);
    expect(group.inputs).toMatchObject({ port, targetType: "ip", vpcId: network["vpcId"], deregistrationDelay: 120 });
    expect(group.inputs["healthCheck"]).toMatchObject({ path: healthPath, matcher: "200-299" });
    const rule = run.one("aws:lb/listenerRule:ListenerRule", name).inputs;
    expect(rule["conditions"]).toEqual([{ hostHeader: { values: [host] } }]);
    expect(rule["actions"]).toEqual([{ type: "forward", targetGroupArn: group.state["arn"] }]);
    const binding = run.one("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding", `pulumi-${name}`).inputs;
    expect(binding["spec"]).toEqual({
      serviceRef: { name: `pulumi-${name}`, port: 80 },
      targetGroupARN: group.state["arn"],
      targetType: "ip",
    });
  });

  it("shares its target groups with another cluster for the time of a move, and makes there before it deletes here", async () => {
    const options = (of: Run) =>
      new Set(
        of.resources
          .filter(({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":Job"))
          .map((one) => one.deleteBeforeReplace),
      );
    // The cluster that is made anew under the same name: what is made first would be deleted with what it replaces.
    expect(options(run)).toEqual(new Set([true]));
    const moving = await runService({ blueGreen: true });
    // Not false, which would also hold within one cluster, where what has a fixed name can't be made twice.
    expect(options(moving)).toEqual(new Set([undefined]));
    for (const { inputs } of moving.ofType("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding")) {
      expect(inputs["spec"]).toMatchObject({ multiClusterTargetGroup: true });
    }
  });

  it("reaches workloads on the two ports they listen on, and they let in nothing else (B of #76)", () => {
    const group = run.one("aws:ec2/securityGroup:SecurityGroup").state["id"];
    const rules = run.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(({ inputs }) => inputs);
    const toWorkloads = rules.filter((rule) => rule["securityGroupId"] === network["workloadSecurityGroupId"]);
    expect(toWorkloads.map((rule) => [rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]])).toEqual([
      [group, 8080, 8080],
      [group, 3000, 3000],
    ]);
    const out = run.ofType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").map(({ inputs }) => inputs);
    expect(out.map((rule) => [rule["referencedSecurityGroupId"], rule["fromPort"]])).toEqual([
      [network["workloadSecurityGroupId"], 8080],
      [network["workloadSecurityGroupId"], 3000],
    ]);
  });

  it("lets a web ACL judge requests and keeps access logs, when they are given", async () => {
    const webAclArn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/ours/01234567-89ab-4cde-8f01-23456789abcd";
    const guarded = await runService({ webAclArn, accessLogsBucketName: "our-logs", deletionProtection: true });
    const { inputs, state } = guarded.one("aws:lb/loadBalancer:LoadBalancer");
    expect(guarded.one("aws:wafv2/webAclAssociation:WebAclAssociation").inputs).toEqual({
      resourceArn: state["arn"],
      webAclArn,
    });
    expect(inputs).toMatchObject({
      accessLogs: { bucket: "our-logs", prefix: "pulumi-test-service", enabled: true },
      enableDeletionProtection: true,
    });
    expect(run.ofType("aws:wafv2/webAclAssociation:WebAclAssociation")).toEqual([]);
  });

  it("can be internal, and open to some ranges only", async () => {
    const internal = await runService({ scheme: "internal", ingressCidrBlocks: ["10.0.0.0/8", "192.0.2.0/24"] });
    expect(internal.one("aws:lb/loadBalancer:LoadBalancer").inputs).toMatchObject({
      internal: true,
      subnets: network["privateSubnetIds"],
    });
    const ranges = internal
      .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .map(({ inputs }) => inputs as { cidrIpv4?: string; fromPort: number })
      .flatMap(({ cidrIpv4, fromPort }) => (cidrIpv4 === undefined ? [] : [`${cidrIpv4}:${fromPort}`]));
    expect(ranges.sort()).toEqual(["10.0.0.0/8:443", "10.0.0.0/8:80", "192.0.2.0/24:443", "192.0.2.0/24:80"]);
  });
});

describe("08-service: certificate", () => {
  it("is made for both names and proven in the public zone, unambiguously (B19)", async () => {
    const asked: unknown[] = [];
    const run = await runService(
      {},
      {
        invokes: {
          "aws:route53/getZone:getZone": (inputs) => {
            asked.push(inputs);
            return { zoneId: "Z1", name: "example.com" };
          },
        },
      },
    );
    expect(asked).toEqual([{ name: "example.com", privateZone: false }]);
    expect(run.one("aws:acm/certificate:Certificate").inputs).toMatchObject({
      domainName: "api.pulumi.example.com",
      subjectAlternativeNames: ["app.pulumi.example.com"],
      validationMethod: "DNS",
    });
    const proofs = run.ofType("aws:route53/record:Record");
    expect(proofs.map(({ inputs }) => inputs["name"])).toEqual([
      "_validate.api.pulumi.example.com.",
      "_validate.app.pulumi.example.com.",
    ]);
    expect(run.one("aws:lb/listener:Listener", "https").dependsOn).toContain(
      "aws:acm/certificateValidation:CertificateValidation::service",
    );
  });

  it("covers the names of a zone's apex as it does those of a subdomain", async () => {
    const run = await runService({ domain: "example.com" });
    expect(run.error).toBeUndefined();
    expect(run.one("aws:acm/certificate:Certificate").inputs).toMatchObject({
      domainName: "api.example.com",
      subjectAlternativeNames: ["app.example.com"],
    });
    expect(run.outputs).toMatchObject({ apiDomain: "api.example.com", consoleDomain: "app.example.com" });
  });

  it("is taken as given, and then no zone is asked for", async () => {
    const run = await runService({ zoneName: undefined, certificateArn: CERTIFICATE });
    expect(run.error).toBeUndefined();
    expect(run.one("aws:lb/listener:Listener", "https").inputs["certificateArn"]).toBe(CERTIFICATE);
    expect(run.resources.filter(({ type }) => /acm|route53/.test(type))).toEqual([]);
    expect(run.invokes).not.toContain("aws:route53/getZone:getZone");
  });

  it("can be proven in another account's zone", async () => {
    const run = await runService({ zoneRoleArn: "arn:aws:iam::999999999999:role/dns" });
    for (const { provider } of run.ofType("aws:route53/record:Record")) expect(provider).toContain("::zone::");
    expect(run.one("aws:acm/certificate:Certificate").provider).not.toContain("::zone::");
  });
});

describe("08-service: refusals, all before anything is made", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["the tag latest", { imageTag: "latest" }, "imageTag must be a version's tag, not latest"],
    [
      "a client image with the tag latest",
      { databaseClientImage: "mysql:latest" },
      "databaseClientImage must be an image",
    ],
    ["no licence", { licenseKey: undefined }, "licenseKey is missing"],
    ["no certificate and no zone", { zoneName: undefined }, "neither certificateArn nor a zone"],
    [
      "a certificate and a zone",
      { certificateArn: CERTIFICATE },
      "certificateArn is set, so zoneName would be ignored",
    ],
    ["a zone of other names", { zoneName: "example.org" }, "api.pulumi.example.com is not in zone example.org"],
    ["half a login", { apiDatabaseUsername: "me" }, "apiDatabaseUsername is set without apiDatabasePassword"],
    ["half a SAML pair", { samlSso: true, samlCertificate: PEM }, "samlCertificate is set without samlPrivateKey"],
    ["half a mail set-up", { smtpServer: "smtp.example.com:25" }, "smtpServer is set without smtpGenericSender"],
    ["a mail server without a port", { smtpServer: "smtp.example.com" }, "smtpServer must be host:port"],
    ["a path for a certificate", { samlSso: true, samlCertificate: "saml.pem" }, "not a path to them"],
    [
      "a pair for SAML that is off",
      { samlCertificate: PEM, samlPrivateKey: "k" },
      "samlCertificate means nothing without samlSso",
    ],
    ["search keys with search off", { insights: "off", searchUsername: "u" }, "searchUsername is set, but"],
    [
      "a controller without TargetGroupBinding",
      { loadBalancerControllerVersion: "1.1.9" },
      "which knows no TargetGroupBinding",
    ],
    [
      "two clusters behind a controller that knows of one",
      { blueGreen: true, loadBalancerControllerVersion: "2.9.1" },
      "blueGreen needs load balancer controllers that share a target group, 2.10 or newer, and this one is 2.9.1",
    ],
  ])("of %s", async (_what, config, message) => {
    const run = await runService(config);
    expect(run.error?.message).toContain(message);
    expect(run.resources).toEqual([]);
  });
});
