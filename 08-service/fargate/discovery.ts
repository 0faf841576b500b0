import * as aws from "@pulumi/aws";
import { asked, shared, type Names } from "@selfhosted/common";
import type { ServiceConfig } from "../config";
import type { Server } from "../components";
import { serving } from "../podTls";

/** Private zone of the VPC in which tasks find each other. `.internal` is nobody's. Source: ICANN resolution 2024.07.29.06. */
const zoneName = (names: Names) => `${names.cluster()}.internal`;

/** Seconds that an address is believed; ECS takes a task's address away before it stops the task. */
const TTL_SECONDS = 10;

/** Address at which tasks reach the API without leaving the VPC; the load balancer's may be closed to them. */
export function addressOf({ names, settings }: ServiceConfig): string {
  const { protocol, ports } = serving(settings);
  return `${protocol.toLowerCase()}://${shared.serviceAccounts.api}.${zoneName(names)}:${ports.api}`;
}

/**
 * Gives a server's tasks a name in the VPC and lets the other tasks reach it. Needs the VPC's DNS support and DNS host
 * names, which 02-networking switches on.
 */
export function makeDiscoverable(
  { names, tags, upstream }: ServiceConfig,
  server: Server,
): aws.servicediscovery.Service {
  const { vpcId, workloadSecurityGroupId } = upstream.networking;
  const workloads = asked(workloadSecurityGroupId, "the workload security group");
  const namespace = new aws.servicediscovery.PrivateDnsNamespace("service", {
    name: zoneName(names),
    description: "Tasks of Pulumi",
    vpc: asked(vpcId, "the VPC"),
    tags,
  });
  new aws.vpc.SecurityGroupIngressRule("task-to-api", {
    securityGroupId: workloads,
    referencedSecurityGroupId: workloads,
    description: "api of Pulumi, for the console",
    ipProtocol: "tcp",
    fromPort: server.port,
    toPort: server.port,
    tags,
  });
  return new aws.servicediscovery.Service(server.name, {
    name: server.name,
    dnsConfig: {
      namespaceId: namespace.id,
      dnsRecords: [{ type: "A", ttl: TTL_SECONDS }],
      routingPolicy: "MULTIVALUE",
    },
    // ECS reports who is well. The number is what AWS takes anyhow; without one the provider would drop the empty block.
    healthCheckCustomConfig: { failureThreshold: 1 },
    forceDestroy: true,
    tags,
  });
}
