import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked } from "@selfhosted/common";
import type { Server, Service } from "./components";
import type { ServiceConfig } from "./config";
import { makeWebAcl } from "./webAcl";

/** The components that the load balancer sends requests to. */
type Served = Pick<Service, "api" | "console">;

/** The load balancer and its target groups. */
export interface Edge {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly listener: aws.lb.Listener;
  readonly targetGroups: Readonly<Record<keyof Served, aws.lb.TargetGroup>>;
  /** Without these a target group isn't in use, and its targets never become healthy. */
  readonly attachments: readonly pulumi.Resource[];
}

/** Priorities of the rules that requests meet; those that only attach a group come after them. */
const PRIORITIES = { api: 10, console: 20 } as const;
const ATTACHED = 100;
/** Nobody's address: it is for documentation. Source: RFC 5737. */
const NOBODY = "192.0.2.1/32";

/** TLS 1.3 and 1.2 with forward secrecy only. Source: Elastic Load Balancing user guide, security policies. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/** One load balancer for both names: HTTPS only, HTTP sent on to it, unknown names answered with 404. */
export function makeLoadBalancer(config: ServiceConfig, served: Served, certificateArn: pulumi.Input<string>): Edge {
  const { names, tags, settings, upstream } = config;
  const { publicSubnetIds, privateSubnetIds } = upstream.networking;
  const name = names.loadBalancer("service");
  const loadBalancer = new aws.lb.LoadBalancer("service", {
    name,
    loadBalancerType: "application",
    internal: settings.scheme === "internal",
    subnets: asked(settings.scheme === "internal" ? privateSubnetIds : publicSubnetIds, "the load balancer's subnets"),
    securityGroups: [makeSecurityGroup(config, served).id],
    idleTimeout: settings.idleTimeout,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: "defensive",
    enableDeletionProtection: settings.deletionProtection,
    accessLogs:
      settings.accessLogsBucketName === undefined
        ? undefined
        : { bucket: settings.accessLogsBucketName, prefix: name, enabled: true },
    tags: { ...tags, Name: name },
  });
  const webAclArn = settings.webAcl === "managed" ? makeWebAcl(config).arn : settings.webAclArn;
  if (webAclArn !== undefined) {
    new aws.wafv2.WebAclAssociation("service", { resourceArn: loadBalancer.arn, webAclArn });
  }
  new aws.lb.Listener("http", {
    loadBalancerArn: loadBalancer.arn,
    port: 80,
    protocol: "HTTP",
    defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    tags,
  });
  const https = new aws.lb.Listener("https", {
    loadBalancerArn: loadBalancer.arn,
    port: 443,
    protocol: "HTTPS",
    sslPolicy: TLS_POLICY,
    certificateArn,
    defaultActions: [
      {
        type: "fixed-response",
        fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "No such host" },
      },
    ],
    tags,
  });
  const api = makeTarget(config, https, "api", served.api);
  const app = makeTarget(config, https, "console", served.console);
  return {
    loadBalancer,
    listener: https,
    targetGroups: { api: api.group, console: app.group },
    attachments: [api.attachment, app.attachment],
  };
}

/**
 * Sends the requests of both names to their groups, once the servers serve: where another platform (or protocol) served
 * until then, it goes on until this moment, and what it has is deleted after it.
 */
export function openToUsers(
  { tags }: ServiceConfig,
  served: Served,
  { listener, targetGroups }: Edge,
  servers: readonly pulumi.Resource[],
): void {
  for (const component of ["api", "console"] as const) {
    new aws.lb.ListenerRule(
      component,
      {
        listenerArn: listener.arn,
        priority: PRIORITIES[component],
        conditions: [{ hostHeader: { values: [served[component].hostName] } }],
        actions: [{ type: "forward", targetGroupArn: targetGroups[component].arn }],
        tags,
      },
      { dependsOn: [...servers] },
    );
  }
}

/**
 * A group that the platform puts a server's addresses into, and a rule that no request meets: it puts the group in use,
 * so that its targets are judged before they are sent anything.
 */
function makeTarget(
  { names, tags, upstream, settings }: ServiceConfig,
  listener: aws.lb.Listener,
  component: keyof Served,
  server: Server,
) {
  // One of each platform's own: the load balancer controller takes out of a group what it doesn't know, such as tasks.
  // Likewise of each protocol: it can't be changed, and the new group is there before the old one goes.
  const groupOf = [component, settings.platform === "eks" ? [] : "tasks", settings.podTls ? "tls" : []]
    .flat()
    .join("-");
  const name = names.targetGroup(groupOf);
  const group = new aws.lb.TargetGroup(groupOf, {
    name,
    vpcId: asked(upstream.networking.vpcId, "the VPC"),
    targetType: "ip",
    protocol: server.protocol,
    port: server.port,
    // As long as the server answers what it has.
    deregistrationDelay: server.stopSeconds,
    healthCheck: {
      path: server.healthPath,
      protocol: server.protocol,
      matcher: "200-299",
      interval: 10,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
    },
    tags: { ...tags, Name: name },
  });
  // A priority of each group's own: two of them stand side by side while the service moves.
  const variant = (settings.platform === "eks" ? 0 : 1) + (settings.podTls ? 2 : 0);
  const attachment = new aws.lb.ListenerRule(`attach-${groupOf}`, {
    listenerArn: listener.arn,
    priority: ATTACHED + PRIORITIES[component] + variant,
    conditions: [{ sourceIp: { values: [NOBODY] } }],
    actions: [{ type: "forward", targetGroupArn: group.arn }],
    tags,
  });
  return { group, attachment };
}

/** HTTP and HTTPS from the allowed ranges in; out only to the workloads, on the two ports they listen on. */
function makeSecurityGroup({ names, tags, settings, upstream }: ServiceConfig, served: Served): aws.ec2.SecurityGroup {
  const workloads = asked(upstream.networking.workloadSecurityGroupId, "the workload security group");
  const name = names.of("load-balancer");
  const named = { ...tags, Name: name };
  const group = new aws.ec2.SecurityGroup("load-balancer", {
    name,
    description: "Load balancer of Pulumi: HTTPS, and HTTP to send on to it",
    vpcId: asked(upstream.networking.vpcId, "the VPC"),
    tags: named,
  });
  for (const cidrIpv4 of settings.ingressCidrBlocks) {
    for (const port of [80, 443]) {
      new aws.vpc.SecurityGroupIngressRule(`${port}-from-${cidrIpv4}`, {
        securityGroupId: group.id,
        description: port === 80 ? "HTTP, sent on to HTTPS" : "HTTPS",
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4,
        tags: named,
      });
    }
  }
  for (const component of ["api", "console"] as const) {
    const { port } = served[component];
    const rule = {
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      description: `${component} of Pulumi`,
      tags: named,
    };
    new aws.vpc.SecurityGroupEgressRule(`to-${component}`, {
      ...rule,
      securityGroupId: group.id,
      referencedSecurityGroupId: workloads,
    });
    new aws.vpc.SecurityGroupIngressRule(`to-${component}`, {
      ...rule,
      securityGroupId: workloads,
      referencedSecurityGroupId: group.id,
    });
  }
  return group;
}
