type Inputs = Readonly<Record<string, unknown>>;

/** How the object behind an interrupted creation is found. */
export type Finder =
  /** Its id, as `pulumi import` takes it, follows from what it was to be made of. */
  | { readonly by: "inputs"; readonly id: (inputs: Inputs) => string | undefined }
  /** AWS chose the id: it is looked for by its tags, in `region` where that isn't its own. */
  | {
      readonly by: "tags";
      readonly resourceType: string;
      readonly id: (arn: string, inputs: Inputs) => string;
      readonly region?: string;
    }
  /** AWS chose the id, and it has no tags: a person looks with this command. */
  | { readonly by: "person"; readonly command: (inputs: Inputs) => string }
  /** Nothing to find, and why it may be made again. */
  | { readonly by: "nothing"; readonly why: string };

type TagFinder = Extract<Finder, { by: "tags" }>;

/** `{a}:{b}`: inputs joined to an id; none when one of them is missing. */
function named(pattern: string, tidied: (id: string) => string = (id) => id): Finder {
  return {
    by: "inputs",
    id: (inputs) => {
      const id = filled(pattern, inputs);
      return id.includes(MISSING) ? undefined : tidied(id);
    },
  };
}

/** A pattern with inputs in the places of their names. */
function filled(pattern: string, inputs: Inputs, otherwise = MISSING): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = inputs[name];
    return typeof value === "string" ? value : otherwise;
  });
}

/** Stands in no id. */
const MISSING = "\0";

const arnItself = (arn: string) => arn;
const lastOfArn = (arn: string) => arn.split(/[:/]/).at(-1) ?? arn;

function tagged(resourceType: string, id: (arn: string, inputs: Inputs) => string = lastOfArn): TagFinder {
  return { by: "tags", resourceType, id };
}

function nothing(why: string): Finder {
  return { by: "nothing", why };
}

function looked(command: string): Finder {
  return { by: "person", command: (inputs) => filled(command, inputs, "…") };
}

/** `arn:aws:sqs:us-east-1:123456789012:name` → `https://sqs.us-east-1.amazonaws.com/123456789012/name` */
function queueUrl(arn: string): string {
  const [, partition, , region, account, name] = arn.split(":");
  return `https://sqs.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}/${account}/${name}`;
}

/**
 * By type: the section "Import" of each resource's page in the Pulumi registry says what its id is made of; the
 * Resource Groups Tagging API's list of supported services says what can be looked for by tags.
 */
const finders: Readonly<Record<string, Finder>> = {
  "aws:acm/certificate:Certificate": tagged("acm:certificate", arnItself),
  "aws:acm/certificateValidation:CertificateValidation": nothing("it only waits for the certificate"),
  "aws:appautoscaling/target:Target": named("{serviceNamespace}/{resourceId}/{scalableDimension}"),
  "aws:appautoscaling/policy:Policy": named("{serviceNamespace}/{resourceId}/{scalableDimension}/{name}"),
  "aws:backup/selection:Selection": looked("aws backup list-backup-selections --backup-plan-id {planId}"),
  "aws:backup/plan:Plan": tagged("backup:backup-plan"),
  "aws:backup/vault:Vault": named("{name}"),
  "aws:cloudwatch/eventRule:EventRule": named("{name}"),
  "aws:cloudwatch/eventTarget:EventTarget": nothing("PutTargets replaces the target of this id"),
  "aws:cloudwatch/logGroup:LogGroup": named("{name}"),
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": named("{policyName}"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("{name}"),
  "aws:dynamodb/table:Table": named("{name}"),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": nothing("the VPC has one, which is taken over"),
  "aws:ec2/eip:Eip": tagged("ec2:elastic-ip"),
  "aws:ec2/flowLog:FlowLog": tagged("ec2:vpc-flow-log"),
  "aws:ec2/internetGateway:InternetGateway": tagged("ec2:internet-gateway"),
  "aws:ec2/launchTemplate:LaunchTemplate": tagged("ec2:launch-template"),
  "aws:ec2/natGateway:NatGateway": tagged("ec2:natgateway"),
  "aws:ec2/networkAcl:NetworkAcl": tagged("ec2:network-acl"),
  "aws:ec2/route:Route": named("{routeTableId}_{destinationCidrBlock}"),
  "aws:ec2/routeTable:RouteTable": tagged("ec2:route-table"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": named("{subnetId}/{routeTableId}"),
  "aws:ec2/securityGroup:SecurityGroup": tagged("ec2:security-group"),
  "aws:ec2/subnet:Subnet": tagged("ec2:subnet"),
  "aws:ec2/vpc:Vpc": tagged("ec2:vpc"),
  "aws:ec2/vpcEndpoint:VpcEndpoint": tagged("ec2:vpc-endpoint"),
  "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": looked(
    "aws ec2 describe-vpcs --vpc-ids {vpcId} --query Vpcs[].CidrBlockAssociationSet[]",
  ),
  "aws:ecs/cluster:Cluster": named("{name}"),
  "aws:ecs/service:Service": named("{cluster}/{name}", (id) => id.replace(/^arn:.*:cluster\//, "")),
  "aws:ecs/taskDefinition:TaskDefinition": nothing("another revision costs nothing, and services name theirs"),
  "aws:eks/accessEntry:AccessEntry": named("{clusterName}:{principalArn}"),
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": named("{clusterName}#{principalArn}#{policyArn}"),
  "aws:eks/addon:Addon": named("{clusterName}:{addonName}"),
  "aws:eks/cluster:Cluster": named("{name}"),
  "aws:eks/nodeGroup:NodeGroup": named("{clusterName}:{nodeGroupName}"),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": tagged("eks:podidentityassociation", (arn) =>
    arn.split("/").slice(-2).join(","),
  ),
  "aws:iam/role:Role": named("{name}"),
  "aws:iam/rolePolicy:RolePolicy": named("{role}:{name}"),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": named("{role}/{policyArn}"),
  "aws:kms/alias:Alias": named("{name}"),
  "aws:kms/key:Key": tagged("kms:key"),
  "aws:kms/replicaKey:ReplicaKey": tagged("kms:key"),
  "aws:lambda/function:Function": named("{name}"),
  "aws:lambda/invocation:Invocation": nothing("the run that it started is joined by the next one"),
  "aws:lb/listener:Listener": tagged("elasticloadbalancing:listener", arnItself),
  "aws:lb/listenerRule:ListenerRule": tagged("elasticloadbalancing:listener-rule", arnItself),
  "aws:lb/loadBalancer:LoadBalancer": tagged("elasticloadbalancing:loadbalancer", arnItself),
  "aws:lb/targetGroup:TargetGroup": tagged("elasticloadbalancing:targetgroup", arnItself),
  "aws:opensearch/domain:Domain": named("{domainName}"),
  "aws:rds/cluster:Cluster": named("{clusterIdentifier}"),
  "aws:rds/clusterInstance:ClusterInstance": named("{identifier}"),
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": named("{name}"),
  "aws:rds/globalCluster:GlobalCluster": named("{globalClusterIdentifier}"),
  "aws:rds/subnetGroup:SubnetGroup": named("{name}"),
  // Route 53 has no Regions; its tags are asked for where it lives.
  "aws:route53/healthCheck:HealthCheck": { ...tagged("route53:healthcheck"), region: "us-east-1" },
  "aws:route53/record:Record": named("{zoneId}_{name}_{type}", (id) => id.replace("._", "_")),
  "aws:s3/bucket:Bucket": named("{bucket}"),
  "aws:secretsmanager/secret:Secret": tagged("secretsmanager:secret", arnItself),
  "aws:secretsmanager/secretVersion:SecretVersion": nothing("a second one holds the same value and takes its place"),
  "aws:secretsmanager/secretRotation:SecretRotation": named("{secretId}"),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": tagged(
    "servicediscovery:namespace",
    (arn, inputs) => `${lastOfArn(arn)}:${filled("{vpc}", inputs)}`,
  ),
  "aws:servicediscovery/service:Service": tagged("servicediscovery:service"),
  "aws:sqs/queue:Queue": tagged("sqs", queueUrl),
  "aws:sqs/queuePolicy:QueuePolicy": named("{queueUrl}"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": tagged("ec2:security-group-rule"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": tagged("ec2:security-group-rule"),
  "aws:wafv2/webAcl:WebAcl": tagged("wafv2", (arn, inputs) =>
    [lastOfArn(arn), filled("{name}/{scope}", inputs)].join("/"),
  ),
  "aws:wafv2/webAclAssociation:WebAclAssociation": nothing("a load balancer has one ACL at most"),
};

/** A bucket's settings are objects of their own in Pulumi, with the bucket's name as their id. */
const BUCKET_SETTING = /^aws:s3\/bucket[A-Z]/;

/** How an object of a type is found; `undefined` for a type that nobody has described yet. */
export function finderOf(type: string): Finder | undefined {
  if (/^(random|tls|pulumi):/.test(type)) return nothing("it is in the state alone");
  if (type.startsWith("kubernetes:")) return { by: "inputs", id: kubernetesId };
  if (BUCKET_SETTING.test(type)) return named("{bucket}");
  return finders[type];
}

/** `namespace/name`, or `name` alone; a Helm release has both beside its values. */
function kubernetesId(inputs: Inputs): string | undefined {
  const { name, namespace } = (inputs["metadata"] ?? inputs) as Inputs;
  if (typeof name !== "string") return undefined;
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
}
