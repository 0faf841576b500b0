import type { Registered } from "../support/mocks";
import { supportOf } from "../../03-cluster/versions";
import { HOURS, databaseInstances, instances, prices, searchInstances, tasks, usage } from "./prices";

/** What a price is told by. */
export type Priceable = Pick<Registered, "type" | "name" | "inputs">;

/** Other resources of the same stack, for what one resource says of another. */
type Find = (type: string, name: string) => Priceable | undefined;

/** Dollars a month of one resource. @throws when its price isn't in the table. */
type Price = (resource: Priceable, find: Find) => number;

const number = (value: unknown, fallback = 0) => (typeof value === "number" ? value : fallback);
const record = (value: unknown) => (value ?? {}) as Readonly<Record<string, unknown>>;
const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
const text = (value: unknown) => (typeof value === "string" ? value : "");

function hourly(table: Readonly<Record<string, number>>, key: unknown): number {
  const price = table[text(key)];
  if (price === undefined) throw new Error(`${String(key)} has no price; add it to tests/cost/prices.ts`);
  return price * HOURS;
}

/** NAT gateways with their addresses, and what goes through them. */
const vpc: Price = ({ inputs }) => {
  const strategy = text(record(inputs["natGateways"])["strategy"]);
  const zones = list(inputs["availabilityZoneNames"]).length;
  const gateways = { OnePerAz: zones, Single: 1, None: 0 }[strategy];
  if (gateways === undefined) throw new Error(`natGateways ${strategy} has no price; add it to tests/cost/rules.ts`);
  const data = gateways > 0 ? usage.natGb * prices.natGb : 0;
  return gateways * (prices.natHour + prices.publicIpHour) * HOURS + data;
};

const endpoint: Price = ({ inputs }) =>
  inputs["vpcEndpointType"] === "Interface"
    ? list(inputs["subnetIds"]).length * prices.interfaceEndpointHour * HOURS +
      usage.endpointGb * prices.interfaceEndpointGb
    : 0;

const cluster: Price = ({ inputs }) => {
  const support = supportOf(text(inputs["version"]), new Date());
  return prices.eksHour[support === "standard" ? "standard" : "extended"] * HOURS;
};

/** Spot is counted in full: its price isn't ours to promise. */
const nodeGroup: Price = ({ name, inputs }, find) => {
  const template = find("aws:ec2/launchTemplate:LaunchTemplate", name)?.inputs;
  const disks = list(template?.["blockDeviceMappings"]).map((mapping) => record(record(mapping)["ebs"])["volumeSize"]);
  const disk = disks.reduce<number>((sum, gib) => sum + number(gib), 0) * prices.diskGbMonth;
  const count = number(record(inputs["scalingConfig"])["desiredSize"]);
  return count * (hourly(instances, list(inputs["instanceTypes"])[0]) + disk);
};

const database: Price = () => usage.auroraGb * prices.auroraGbMonth + usage.auroraMillionIos * prices.auroraMillionIo;

const databaseInstance: Price = ({ inputs }, find) => {
  if (inputs["instanceClass"] !== "db.serverless") return hourly(databaseInstances, inputs["instanceClass"]);
  const scaling = record(find("aws:rds/cluster:Cluster", "main")?.inputs["serverlessv2ScalingConfiguration"]);
  return (number(scaling["minCapacity"], 0.5) + usage.acusOverMinimum) * prices.acuHour * HOURS;
};

const search: Price = ({ inputs }) => {
  const nodes = record(inputs["clusterConfig"]);
  const masters = nodes["dedicatedMasterEnabled"] === true ? number(nodes["dedicatedMasterCount"]) : 0;
  const volume = number(record(inputs["ebsOptions"])["volumeSize"]) * prices.searchDiskGbMonth;
  return (
    number(nodes["instanceCount"]) * (hourly(searchInstances, nodes["instanceType"]) + volume) +
    (masters > 0 ? masters * hourly(searchInstances, nodes["dedicatedMasterType"]) : 0)
  );
};

const loadBalancer: Price = ({ inputs }) => {
  const addresses = inputs["internal"] === true ? 0 : list(inputs["subnets"]).length;
  return (prices.albHour + usage.lcus * prices.lcuHour + addresses * prices.publicIpHour) * HOURS;
};

const logGroup: Price = ({ name, inputs }) => {
  const gb = usage.logGbOf[name] ?? usage.logGb;
  return gb * (prices.logGb + (number(inputs["retentionInDays"], 365) / 30) * prices.logGbMonth);
};

const bucket: Price = ({ name }) => (usage.objectsGbOf[name] ?? usage.objectsGb) * prices.objectsGbMonth;

/** As many tasks as there are at least. Tasks that run once are seconds. */
const taskService: Price = ({ name, inputs }, find) => {
  const task = find("aws:ecs/taskDefinition:TaskDefinition", name)?.inputs;
  const processor = text(record(task?.["runtimePlatform"])["cpuArchitecture"]);
  const price = tasks[processor];
  if (!task || !price)
    throw new Error(`tasks of ${name} on ${processor} have no price; add it to tests/cost/prices.ts`);
  const hour = (Number(task["cpu"]) / 1024) * price.cpu + (Number(task["memory"]) / 1024) * price.gb;
  return number(inputs["desiredCount"]) * hour * HOURS;
};

/** An object of the cluster that makes something in AWS would be missed. */
const service: Price = ({ name, inputs }) => {
  if (record(inputs["spec"])["type"] === "LoadBalancer") {
    throw new Error(`Service ${name} makes a load balancer in AWS; price it in tests/cost/rules.ts`);
  }
  return 0;
};

/** Resource types that cost money; see `free` for the others. */
export const priced: Readonly<Record<string, Price>> = {
  "awsx:ec2:Vpc": vpc,
  "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
  "aws:eks/cluster:Cluster": cluster,
  "aws:eks/nodeGroup:NodeGroup": nodeGroup,
  "aws:rds/cluster:Cluster": database,
  "aws:rds/clusterInstance:ClusterInstance": databaseInstance,
  "aws:opensearch/domain:Domain": search,
  "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:kms/key:Key": () => prices.keyMonth,
  "aws:secretsmanager/secret:Secret": () => prices.secretMonth,
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:s3/bucket:Bucket": bucket,
  "aws:route53/healthCheck:HealthCheck": () => prices.healthCheckMonth,
  "aws:ecs/service:Service": taskService,
  // It keeps two alarms, one to add and one to take away.
  "aws:appautoscaling/policy:Policy": () => 2 * prices.alarmMonth,
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": () => prices.zoneMonth,
  "kubernetes:core/v1:Service": service,
};

/** Resource types that AWS makes no charge for, or charges as part of a priced one (a key's alias, a bucket's policy). */
export const free: readonly RegExp[] = [
  /^pulumi:/,
  // Our own components: what is in them is counted by itself.
  /^selfhosted:/,
  /^random:/,
  /^tls:/,
  // Pods run on nodes that are priced. Objects that make something in AWS are priced above.
  /^kubernetes:(?!core\/v1:(Service|PersistentVolumeClaim)$)/,
  /^aws:iam\//,
  /^aws:vpc\/securityGroup(Ingress|Egress)Rule:/,
  /^aws:ec2\/(defaultSecurityGroup|securityGroup|flowLog|launchTemplate|routeTableAssociation|subnet):/,
  /^aws:eks\/(accessEntry|accessPolicyAssociation|addon|podIdentityAssociation):/,
  /^aws:kms\/alias:/,
  /^aws:cloudwatch\/(eventRule|eventTarget|logResourcePolicy):/,
  /^aws:rds\/(clusterParameterGroup|subnetGroup):/,
  /^aws:s3\/bucket[A-Z]/,
  /^aws:secretsmanager\/(secretPolicy|secretVersion):/,
  /^aws:acm\/(certificate|certificateValidation):/,
  /^aws:lb\/(listener|listenerRule|targetGroup):/,
  /^aws:route53\/record:/,
  // Some invocations a month, within what Lambda gives for nothing.
  /^aws:(lambda|ecs\/(cluster|taskDefinition)|appautoscaling\/target|servicediscovery\/service)[:/]/,
];
