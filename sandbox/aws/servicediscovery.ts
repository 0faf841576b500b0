import { arn } from "./naming";
import type { ResourceRecord } from "./record";
import { between, named, oneOf, refusals, taken, when, type NameRule } from "./rules";
import { block, blocks, flag, isBlock, number, text } from "./values";

const NAMESPACE = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace";
const SERVICE = "aws:servicediscovery/service:Service";
const NAMESPACES = "https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html";
const SERVICES = "https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/servicediscovery/${name}/`;
const namespaceName: NameRule = { property: "name", maxLength: 253, pattern: /^[!-~]+$/ };
const serviceName: NameRule = {
  property: "name",
  maxLength: 63,
  pattern: /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$/,
};

const privateDnsNamespace: ResourceRecord = {
  type: NAMESPACE,
  source: registry("privatednsnamespace"),
  id: ({ world }) => world.newHexId("ns", 16),
  importId: ({ id, properties }) => `${id}:${text(properties.vpc) ?? ""}`,
  autoname: { ...namespaceName },
  references: [{ path: "vpc", to: "aws:ec2/vpc:Vpc" }],
  replaceOn: ["name", "vpc"],
  errors: { notFound: "NamespaceNotFound", inUse: "ResourceInUse" },
  outputs: (context) => ({
    arn: arn(context, "servicediscovery", `namespace/${context.id}`),
    hostedZone: `Z${context.id.replace(/\W/g, "").toUpperCase().slice(0, 20)}`,
  }),
  validate: ({ inputs, world, preview }) => {
    const vpc = preview ? undefined : world.get("aws:ec2/vpc:Vpc", text(inputs.vpc) ?? "");
    return refusals(
      named(inputs, namespaceName, "InvalidInput", NAMESPACES),
      // A private zone answers only there.
      when(
        vpc !== undefined &&
          (flag(vpc.properties.enableDnsHostnames) !== true || flag(vpc.properties.enableDnsSupport) === false),
        "InvalidInput",
        `the VPC ${vpc?.id ?? ""} must have DNS support and DNS host names`,
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
      ),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const same = world.find(
      NAMESPACE,
      (one) => one.id !== id && one.properties.name === inputs.name && one.properties.vpc === inputs.vpc,
    );
    return refusals(
      when(
        same !== undefined,
        "NamespaceAlreadyExists",
        `the VPC has a namespace ${text(inputs.name) ?? ""}`,
        NAMESPACES,
      ),
    );
  },
  seconds: { create: 60, delete: 60 },
};

const service: ResourceRecord = {
  type: SERVICE,
  source: registry("service"),
  id: ({ world }) => world.newHexId("srv", 16),
  autoname: { ...serviceName },
  defaults: { forceDestroy: false },
  references: [{ path: "dnsConfig.namespaceId", to: NAMESPACE }],
  replaceOn: ["name", "namespaceId"],
  errors: { notFound: "ServiceNotFound", inUse: "ResourceInUse" },
  outputs: (context) => ({ arn: arn(context, "servicediscovery", `service/${context.id}`) }),
  validate: ({ inputs }) => {
    const dns = block(inputs.dnsConfig);
    return refusals(
      named(inputs, serviceName, "InvalidInput", SERVICES),
      // The provider leaves it out of the call, and wants to make the service anew ever after.
      when(
        isBlock(inputs.healthCheckCustomConfig) && Object.keys(inputs.healthCheckCustomConfig).length === 0,
        "InvalidInput",
        "healthCheckCustomConfig is an empty block, which the provider drops: give failureThreshold 1",
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/servicediscovery/service.go",
      ),
      oneOf("dnsConfig.routingPolicy", dns.routingPolicy, ["MULTIVALUE", "WEIGHTED"], "InvalidInput", SERVICES),
      ...blocks(dns.dnsRecords).flatMap((record) => [
        oneOf("dnsConfig.dnsRecords.type", record.type, ["A", "AAAA", "SRV", "CNAME"], "InvalidInput", SERVICES),
        between("dnsConfig.dnsRecords.ttl", number(record.ttl), 0, 2_147_483_647, "InvalidInput", SERVICES),
      ]),
    );
  },
  conflicts: (context) => refusals(taken(context, SERVICE, "name", "ServiceAlreadyExists", SERVICES)),
  seconds: { create: 5, delete: 5 },
};

/** AWS Cloud Map. */
export const servicediscovery: readonly ResourceRecord[] = [privateDnsNamespace, service];
