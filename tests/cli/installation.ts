import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namesOf } from "@selfhosted/common";
import { Edge } from "../../sandbox/edge";
import { edgeVariables } from "../../sandbox/edge/ports";
import type { Properties } from "../../sandbox/provider/types";
import { World } from "../../sandbox/world";
import type { Facts } from "../../cli/verify/facts";
import type { VerifyOptions } from "../../cli/verify";

const API = "api.example.org";
const CONSOLE = "app.example.org";
const BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/service/0123456789abcdef";
const BALANCER_NAME = "service-1234567890.us-east-1.elb.amazonaws.com";
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * An installation as the sandbox's edge shows it: names, load balancer, certificate and tasks of both components, which
 * a test then spoils. What stands between it and a test is real: DNS by UDP, TLS, HTTP.
 */
export class Installation {
  readonly world = new World();
  private readonly home = mkdtempSync(join(tmpdir(), "selfhosted-edge-"));
  private readonly edge = new Edge(this.world, this.home);

  readonly facts: Facts = {
    stack: "test",
    apiDomain: API,
    consoleDomain: CONSOLE,
    targets: [BALANCER_NAME],
    dnsRecords: [`${API}  ALIAS/CNAME  ${BALANCER_NAME}`, `${CONSOLE}  ALIAS/CNAME  ${BALANCER_NAME}`],
    hasDns: true,
    version: "3.44.0",
    schema: "3.44.0",
    platform: "eks",
    names: namesOf({ baseName: "pulumi", installation: "test", account: "", region: "" }),
    kubeconfig: "a kubeconfig",
    aws: ["--region", "us-east-1"],
    migrationTask: undefined,
  };

  static async start(): Promise<Installation> {
    const installation = new Installation();
    installation.furnish();
    await installation.edge.start();
    return installation;
  }

  async stop(): Promise<void> {
    await this.edge.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** The options that the sandbox's variables stand for. */
  async options(more: Partial<VerifyOptions> = {}): Promise<VerifyOptions> {
    const variables = await edgeVariables(this.home);
    return {
      dnsServer: variables["SELFHOSTED_VERIFY_DNS_SERVER"],
      connectTo: (variables["SELFHOSTED_VERIFY_CONNECT_TO"] ?? "").split(" "),
      ca: variables["SELFHOSTED_VERIFY_CA"],
      minimumDays: 14,
      cluster: false,
      ...more,
    };
  }

  /** Adds an object, or changes properties of the one that has this id. */
  put(type: string, id: string, properties: Properties): void {
    const before = this.world.get(type, id);
    this.world.put({
      type,
      id,
      name: id,
      region: "us-east-1",
      createdAt: "2026-01-01T00:00:00Z",
      properties: { ...before?.properties, ...properties },
    });
  }

  /** A certificate of ACM's for some names. */
  certificate(id: string, domainName: string, subjectAlternativeNames: string[], days = 395): void {
    const notAfter = new Date(Date.now() + days * DAY_MS).toISOString();
    this.put("aws:acm/certificate:Certificate", id, {
      domainName,
      subjectAlternativeNames,
      notAfter,
      status: "ISSUED",
    });
  }

  /** A record of the zone. */
  alias(name: string, target: string, more: Properties = {}): void {
    const id = `Z1_${name}_A${typeof more["setIdentifier"] === "string" ? `_${more["setIdentifier"]}` : ""}`;
    const aliases = [{ name: target, zoneId: "Z35SXDOTRQ7X7K", evaluateTargetHealth: false }];
    this.put("aws:route53/record:Record", id, { zoneId: "Z1", fqdn: name, type: "A", aliases, ...more });
  }

  /** A load balancer with its own listeners, groups and tasks. */
  balancer(arn: string, dnsName: string, desiredCount = 2): void {
    this.put("aws:lb/loadBalancer:LoadBalancer", arn, { dnsName });
    const redirect = { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" };
    this.put("aws:lb/listener:Listener", `${arn}/http`, {
      loadBalancerArn: arn,
      port: 80,
      protocol: "HTTP",
      defaultActions: [{ type: "redirect", redirect }],
    });
    this.put("aws:lb/listener:Listener", `${arn}/https`, {
      loadBalancerArn: arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      certificateArn: "certificate",
      defaultActions: [
        {
          type: "fixed-response",
          fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "No such host" },
        },
      ],
    });
    const components = [
      { name: "service", host: API, port: 8080, path: "/api/status" },
      { name: "console", host: CONSOLE, port: 3000, path: "/" },
    ];
    for (const [priority, { name, host, port, path }] of components.entries()) {
      const group = `${arn}/${name}`;
      this.put("aws:lb/targetGroup:TargetGroup", group, { healthCheck: { path, matcher: "200-299" } });
      this.put("aws:lb/listenerRule:ListenerRule", `${arn}/rule/${name}`, {
        listenerArn: `${arn}/https`,
        priority,
        conditions: [{ hostHeader: { values: [host] } }],
        actions: [{ type: "forward", targetGroupArn: group }],
      });
      const container = { name, image: `pulumi/${name}:3.44.0` };
      this.put("aws:ecs/taskDefinition:TaskDefinition", name, { containerDefinitions: JSON.stringify([container]) });
      this.put("aws:ecs/service:Service", `${arn}/${name}`, {
        taskDefinition: name,
        desiredCount,
        loadBalancers: [{ targetGroupArn: group, containerName: name, containerPort: port }],
      });
    }
  }

  private furnish(): void {
    this.put("aws:route53/zone:Zone", "Z1", { name: "example.org" });
    this.certificate("certificate", API, [CONSOLE]);
    this.balancer(BALANCER, BALANCER_NAME);
    this.alias(API, BALANCER_NAME);
    this.alias(CONSOLE, BALANCER_NAME);
  }
}

export { API, BALANCER, BALANCER_NAME, CONSOLE };
