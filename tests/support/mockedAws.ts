/** What AWS would compute, as far as programs read it: the least that lets a mocked run go through. */

const REGION = "us-east-1";
const ACCOUNT = "123456789012";

type Inputs = Record<string, unknown>;

const hex = (name: string) => Buffer.from(name).toString("hex").padEnd(17, "0").slice(0, 17);
const arn = (service: string, resource: string, region = REGION) =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
const named = (inputs: Inputs, name: string, key = "name") => (typeof inputs[key] === "string" ? inputs[key] : name);

/** Ids of one tier's subnets, a zone each; the last digit is the tier's first one and the zone's number. */
const subnets = ({ availabilityZoneNames }: Inputs, name: string, first: number) => {
  const zones = Array.isArray(availabilityZoneNames) ? availabilityZoneNames.length : 3;
  return Array.from({ length: zones }, (_, index) => `subnet-${hex(name).slice(0, 16)}${String(first + index)}`);
};

const computed: Readonly<Record<string, (inputs: Inputs, name: string) => Inputs>> = {
  "aws:iam/role:Role": (inputs, name) => ({
    arn: `arn:aws:iam::${ACCOUNT}:role${typeof inputs["path"] === "string" ? inputs["path"] : "/"}${named(inputs, name)}`,
    name: named(inputs, name),
    id: named(inputs, name),
  }),
  "aws:iam/policy:Policy": (inputs, name) => ({ arn: `arn:aws:iam::${ACCOUNT}:policy/${named(inputs, name)}` }),
  "awsx:ec2:Vpc": (inputs, name) => ({
    vpcId: `vpc-${hex(name)}`,
    publicSubnetIds: subnets(inputs, name, 0),
    privateSubnetIds: subnets(inputs, name, 3),
    isolatedSubnetIds: subnets(inputs, name, 6),
    routeTables: ["public", "private", "isolated"].map((tier) => ({ id: `rtb-${hex(tier)}` })),
    routeTableAssociations: subnets(inputs, name, 3).map((subnetId) => ({
      subnetId,
      routeTableId: `rtb-${hex("private")}`,
    })),
    natGateways: [],
  }),
  "aws:ec2/securityGroup:SecurityGroup": (_inputs, name) => ({
    id: `sg-${hex(name)}`,
    arn: arn("ec2", `security-group/sg-${hex(name)}`),
  }),
  "aws:kms/key:Key": (_inputs, name) => ({
    arn: arn("kms", `key/01234567-89ab-4cde-8f01-${hex(name).slice(0, 12)}`),
    keyId: `01234567-89ab-4cde-8f01-${hex(name).slice(0, 12)}`,
  }),
  "aws:cloudwatch/logGroup:LogGroup": (inputs, name) => ({
    arn: arn("logs", `log-group:${named(inputs, name)}`),
    id: named(inputs, name),
  }),
  "aws:eks/cluster:Cluster": (inputs, name) => ({
    name: named(inputs, name),
    arn: arn("eks", `cluster/${named(inputs, name)}`),
    endpoint: "https://eks.example",
    certificateAuthority: { data: "Q0E=" },
    vpcConfig: { clusterSecurityGroupId: `sg-${hex("cluster")}` },
  }),
  "aws:rds/cluster:Cluster": (inputs, name) => ({
    id: named(inputs, name, "clusterIdentifier"),
    endpoint: `${named(inputs, name, "clusterIdentifier")}.cluster-abcdefghijkl.${REGION}.rds.amazonaws.com`,
    readerEndpoint: `${named(inputs, name, "clusterIdentifier")}.cluster-ro-abcdefghijkl.${REGION}.rds.amazonaws.com`,
    port: inputs["port"] ?? 3306,
    masterUserSecrets: [{ secretArn: arn("secretsmanager", "secret:rds!cluster-AbCdEf") }],
    arn: arn("rds", `cluster:${named(inputs, name, "clusterIdentifier")}`),
  }),
  "aws:s3/bucket:Bucket": (inputs, name) => ({
    id: named(inputs, name, "bucket"),
    bucket: named(inputs, name, "bucket"),
    arn: `arn:aws:s3:::${named(inputs, name, "bucket")}`,
  }),
  "random:index/randomPassword:RandomPassword": (_inputs, name) => ({
    result: `Generated-${name}-Password-1`,
    bcryptHash: "$2a$10$abcdefghijklmnopqrstuu",
  }),
  "aws:opensearch/domain:Domain": (inputs, name) => ({
    arn: arn("es", `domain/${named(inputs, name, "domainName")}`),
    endpoint: `vpc-${named(inputs, name, "domainName")}-abc.${REGION}.es.amazonaws.com`,
  }),
  "aws:secretsmanager/secret:Secret": (inputs, name) => ({
    arn: arn("secretsmanager", `secret:${named(inputs, name)}-AbCdEf`),
  }),
  "aws:lambda/invocation:Invocation": (_inputs, name) => ({ result: JSON.stringify({ task: name, isDone: true }) }),
  "aws:secretsmanager/secretVersion:SecretVersion": (_inputs, name) => ({ versionId: `version-of-${name}` }),
  "aws:lb/loadBalancer:LoadBalancer": (inputs, name) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${named(inputs, name)}/0123456789abcdef`),
    dnsName: `${named(inputs, name)}-1234567890.${REGION}.elb.amazonaws.com`,
    zoneId: "Z35SXDOTRQ7X7K",
  }),
  "aws:lb/targetGroup:TargetGroup": (inputs, name) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${named(inputs, name)}/0123456789abcdef`),
  }),
  "aws:lb/listener:Listener": (_inputs, name) => ({
    arn: arn("elasticloadbalancing", `listener/app/x/0123456789abcdef/${hex(name)}`),
  }),
  "aws:acm/certificate:Certificate": (inputs, name) => ({
    arn: arn("acm", `certificate/01234567-89ab-4cde-8f01-${hex(name).slice(0, 12)}`),
    domainValidationOptions: [
      inputs["domainName"],
      ...((inputs["subjectAlternativeNames"] as string[] | undefined) ?? []),
    ].map((domain) => ({
      domainName: domain,
      resourceRecordName: `_validate.${String(domain)}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: "_value.acm-validations.aws.",
    })),
  }),
  "aws:acm/certificateValidation:CertificateValidation": (inputs) => ({ certificateArn: inputs["certificateArn"] }),
  "aws:route53/record:Record": (inputs) => ({ fqdn: inputs["name"] }),
  "tls:index/privateKey:PrivateKey": () => ({
    privateKeyPem: "-----BEGIN RSA PRIVATE KEY-----\nmock\n",
    privateKeyPemPkcs8: "-----BEGIN PRIVATE KEY-----\nmock\n",
    publicKeyPem: "mock",
  }),
  "tls:index/locallySignedCert:LocallySignedCert": () => ({ certPem: "-----BEGIN CERTIFICATE-----\nmock\n" }),
  "tls:index/selfSignedCert:SelfSignedCert": () => ({ certPem: "-----BEGIN CERTIFICATE-----\nmock\n" }),
};

/** Outputs that a type computes, over its inputs. */
export function computedOutputs(type: string, inputs: Inputs, name: string): Inputs {
  return { arn: arn("mock", `${type}/${name}`), ...computed[type]?.(inputs, name) };
}

const zones = ["a", "b", "c", "d"].map((letter) => `${REGION}${letter}`);

const answers: Readonly<Record<string, (inputs: Inputs, account: string) => Inputs>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_inputs, account) => ({
    accountId: account,
    arn: `arn:aws:iam::${account}:role/operator`,
    userId: "AROAEXAMPLE",
    id: account,
  }),
  "aws:index/getRegion:getRegion": () => ({ name: REGION, region: REGION, id: REGION, endpoint: "", description: "" }),
  "aws:index/getPartition:getPartition": () => ({
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    id: "aws",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: zones, zoneIds: zones, id: REGION }),
  "aws:cloudwatch/getLogGroup:getLogGroup": () => {
    throw new Error("reading CloudWatch Logs Log Group: empty result");
  },
  "aws:eks/getAddonVersion:getAddonVersion": (inputs) => ({
    ...inputs,
    version: "v1.0.0-eksbuild.1",
    id: String(inputs["addonName"]),
  }),
  "aws:ec2/getVpc:getVpc": (inputs) => ({
    ...inputs,
    cidrBlock: "10.0.0.0/16",
    arn: "",
    enableDnsHostnames: true,
    enableDnsSupport: true,
  }),
  "aws:ec2/getSubnet:getSubnet": (inputs) => ({
    ...inputs,
    vpcId: "vpc-0123456789abcdef0",
    availabilityZone: zones[Number.parseInt(String(inputs["id"]).slice(-1), 16) % 3],
    availableIpAddressCount: 250,
    cidrBlock: "10.0.1.0/24",
  }),
  // The tests' networks: subnets …0 and …1 are public, …4 and …5 have no way out, all others lie behind NAT.
  "aws:ec2/getRouteTable:getRouteTable": (inputs) => {
    const last = String(inputs["subnetId"]).slice(-1);
    const target = /[01]/.test(last)
      ? { gatewayId: "igw-0123456789abcdef0", natGatewayId: "" }
      : { gatewayId: "", natGatewayId: "nat-0123456789abcdef0" };
    return { ...inputs, routes: /[45]/.test(last) ? [] : [{ cidrBlock: "0.0.0.0/0", ...target }] };
  },
  "aws:route53/getZone:getZone": (inputs) => ({
    zoneId: "Z0123456789ABCDEFGHIJ",
    name: inputs["name"] ?? "example.com",
    privateZone: inputs["privateZone"] ?? false,
  }),
  "aws:lb/getHostedZoneId:getHostedZoneId": (inputs) => ({
    ...inputs,
    id: inputs["region"] === "us-west-2" ? "Z1H1FL5HABSF5" : "Z35SXDOTRQ7X7K",
  }),
  "aws:secretsmanager/getSecretVersion:getSecretVersion": (inputs) => ({
    ...inputs,
    secretString: JSON.stringify({ password: "Managed-Password-1" }),
  }),
  "aws:s3/getBucket:getBucket": (inputs) => ({
    ...inputs,
    id: String(inputs["bucket"]),
    arn: `arn:aws:s3:::${String(inputs["bucket"])}`,
    bucketRegion: REGION,
  }),
  "aws:ec2/getVpcEndpoint:getVpcEndpoint": (inputs) => ({
    ...inputs,
    id: "vpce-0123456789abcdef0",
    state: "available",
  }),
  // Names that begin with `com.amazonaws`, as outside of China.
  "aws:ec2/getVpcEndpointService:getVpcEndpointService": (inputs) => ({
    ...inputs,
    serviceName: (inputs["filters"] as { values: string[] }[])[0]?.values[0],
    availabilityZones: zones,
  }),
  "aws:rds/getCluster:getCluster": (inputs) => ({
    ...inputs,
    engine: "aurora-mysql",
    engineVersion: "8.0.mysql_aurora.3.10.0",
    endpoint: "db.corp.example",
    port: 3307,
    vpcSecurityGroupIds: ["sg-0fedcba9876543210"],
  }),
  "aws:rds/getClusterSnapshot:getClusterSnapshot": (inputs) => ({
    ...inputs,
    engine: "aurora-mysql",
    engineVersion: "8.0.mysql_aurora.3.10.0",
  }),
  "aws:kms/getKey:getKey": (inputs) => ({
    ...inputs,
    id: String(inputs["keyId"]),
    arn: String(inputs["keyId"]),
    enabled: true,
    keyState: "Enabled",
    keyUsage: "ENCRYPT_DECRYPT",
    keySpec: "SYMMETRIC_DEFAULT",
    keyManager: "CUSTOMER",
  }),
  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": (inputs) => ({
    ...inputs,
    url: String(inputs["arn"]).replace(/^.*:oidc-provider\//, ""),
    clientIdLists: ["sts.amazonaws.com"],
  }),
  "aws:iam/getPolicy:getPolicy": (inputs) => ({ ...inputs, policy: "{}" }),
  "aws:iam/getRole:getRole": (inputs) => ({
    ...inputs,
    arn: `arn:aws:iam::${ACCOUNT}:role/${String(inputs["name"])}`,
    // Trusts whomever a stack looks for.
    assumeRolePolicy: JSON.stringify({
      Statement: {
        Effect: "Allow",
        Principal: {
          Service: [
            "eks",
            "ec2",
            "pods.eks",
            "monitoring.rds",
            "vpc-flow-logs",
            "backup",
            "s3",
            "ecs-tasks",
            "lambda",
          ].map((service) => `${service}.amazonaws.com`),
        },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    }),
  }),
};

/** AWS's answer to a look-up. @throws for a token that no answer is written for, so that none passes unseen. */
export function mockedInvoke(token: string, inputs: Inputs, account = ACCOUNT): Inputs {
  const answer = answers[token];
  if (!answer)
    throw new Error(`tests/support/mockedAws.ts has no answer for ${token}; add one, or give it in the test`);
  return answer(inputs, account);
}
