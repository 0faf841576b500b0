import { beforeAll, describe, expect, it } from "@jest/globals";
import { charts } from "@selfhosted/common/images";
import { shared } from "@selfhosted/common";
import type { Registered, Run } from "../../support/mocks";
import { everything, runEverything } from "./everything";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const SECRET = "kubernetes:core/v1:Secret";

/** Releases by the service they are. */
const releases = {
  "cert-manager": charts.certManager,
  "external-secrets": charts.externalSecrets,
  "external-dns": charts.externalDns,
  "log-shipping": charts.logShipping,
  "log-forwarding": charts.logForwarding,
  telemetry: charts.telemetry,
  velero: charts.velero,
  argocd: charts.argoCd,
  falco: charts.falco,
  flagger: charts.flagger,
};

describe("04-cluster-services' optional services", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runEverything();
  });
  const values = (release: string) => run.one(RELEASE, release).inputs["values"];

  it.each(Object.entries(releases))("brings %s by its pinned chart, after its namespace", (name, chart) => {
    expect(run.error).toBeUndefined();
    const release = run.one(RELEASE, name);
    expect(release.inputs).toMatchObject({ name: chart.name, version: chart.version, atomic: true });
    const namespace = String(release.inputs["namespace"]);
    if (namespace !== "kube-system") expect(release.dependsOn).toContain(`${NAMESPACE}::${namespace}`);
  });

  it.each([
    ["external-dns", "externalDnsRoleArn"],
    ["external-secrets", "externalSecretsRoleArn"],
    ["log-shipping", "logShipperRoleArn"],
    ["telemetry", "telemetryRoleArn"],
    ["velero", "veleroRoleArn"],
  ] as const)("%s starts once the role is bound to its service account", (release, role) => {
    const { namespace, name } = shared.podServiceAccounts[role];
    expect(run.one(ASSOCIATION, name).inputs).toMatchObject({ namespace, serviceAccount: name });
    expect(run.one(RELEASE, release).dependsOn).toContain(`${ASSOCIATION}::${name}`);
    expect(run.one(RELEASE, release).inputs["namespace"]).toBe(namespace);
    expect(JSON.stringify(values(release))).toContain(`{"annotations":{},"create":true,"name":"${name}"}`);
  });

  it("lets a namespace's pods be privileged only where they watch the nodes", () => {
    const levels = run.ofType(NAMESPACE).map(({ name, inputs }) => {
      const { labels } = inputs["metadata"] as { labels: Record<string, string> };
      return [name, labels["pod-security.kubernetes.io/enforce"]];
    });
    expect(Object.fromEntries(levels)).toEqual({
      "cert-manager": "restricted",
      "external-secrets": "restricted",
      "external-dns": "restricted",
      opentelemetry: "restricted",
      velero: "restricted",
      argocd: "restricted",
      "flagger-system": "restricted",
      payments: "restricted",
      search: "baseline",
      "search-jobs": "baseline",
      falco: "privileged",
      clamav: "privileged",
      "log-forwarding": "privileged",
    });
  });

  it("keeps every secret out of what is readable, and hands it over in a Secret", () => {
    const { logForwardingPassword, gitPassword, argoCdOidcClientSecret } = everything;
    for (const secret of [logForwardingPassword, gitPassword, argoCdOidcClientSecret]) {
      expect(run.resources.filter(({ readable }) => readable.includes(secret)).map(({ name }) => name)).toEqual([]);
      const holders = run.resources.filter(({ inputs }) => JSON.stringify(inputs).includes(secret));
      expect(holders.map(({ type }) => type)).toEqual([SECRET]);
    }
  });

  it("writes logs and telemetry to groups with retention that Pulumi made", () => {
    const groups = run.ofType("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs);
    expect(groups.map(({ name }) => name).sort()).toEqual([
      "/pulumi-selfhosted/pulumi/test/pods",
      "/pulumi-selfhosted/pulumi/test/telemetry-logs",
      "/pulumi-selfhosted/pulumi/test/telemetry-metrics",
    ]);
    for (const group of groups) expect(group["retentionInDays"]).toBe(7);
    expect(values("log-shipping")).toMatchObject({
      cloudWatchLogs: { logGroupName: "/pulumi-selfhosted/pulumi/test/pods", autoCreateGroup: false },
    });
    expect(values("telemetry")).toMatchObject({
      alternateConfig: {
        exporters: {
          awscloudwatchlogs: { log_group_name: "/pulumi-selfhosted/pulumi/test/telemetry-logs" },
          // 01-iam's role writes metrics in this namespace alone.
          awsemf: {
            log_group_name: "/pulumi-selfhosted/pulumi/test/telemetry-metrics",
            namespace: "pulumi-selfhosted/pulumi/test",
          },
        },
        service: {
          pipelines: {
            traces: { receivers: ["otlp"], exporters: ["awsxray"] },
            metrics: { receivers: ["otlp"], exporters: ["awsemf"] },
            logs: { receivers: ["otlp"], exporters: ["awscloudwatchlogs"] },
          },
        },
      },
    });
  });

  it("reads secrets through a store of this region", () => {
    expect(run.one("kubernetes:external-secrets.io/v1:ClusterSecretStore").inputs["spec"]).toEqual({
      provider: { aws: { service: "SecretsManager", region: "us-east-1" } },
    });
  });

  it("writes names only in the domains given, each marked as this cluster's", () => {
    expect(values("external-dns")).toMatchObject({
      domainFilters: ["apps.example.com"],
      registry: "txt",
      txtOwnerId: "my-cluster",
    });
  });

  it("forwards logs over TLS, as the user of the Secret", () => {
    const { config, env, testFramework } = values("log-forwarding") as {
      config: { outputs: string };
      env: unknown;
      testFramework: unknown;
    };
    for (const line of ["Name opensearch", "Host logs.example.com", "Port 9200", "tls On"]) {
      expect(config.outputs).toContain(`    ${line}\n`);
    }
    expect(env).toContainEqual({
      name: "STORE_PASSWORD",
      valueFrom: { secretKeyRef: { name: "log-forwarding", key: "password" } },
    });
    expect(run.one(SECRET, "log-forwarding").inputs["metadata"]).toMatchObject({
      name: "log-forwarding",
      namespace: "log-forwarding",
    });
    expect(run.one(RELEASE, "log-forwarding").dependsOn).toContain(`${SECRET}::log-forwarding`);
    // The chart's test pod pulls busybox:latest.
    expect(testFramework).toEqual({ enabled: false });
  });

  it("backs up into a bucket that outlives the cluster's key, and that a destroy doesn't empty", () => {
    const [bucket] = run.ofType("aws:s3/bucket:Bucket");
    expect(bucket?.inputs).toMatchObject({
      bucket: "pulumi-test-cluster-backups-123456789012-us-east-1",
      forceDestroy: false,
    });
    expect(
      run.one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs["rules"],
    ).toMatchObject([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    expect(values("velero")).toMatchObject({
      credentials: { useSecret: false },
      configuration: { backupStorageLocation: [{ default: true, bucket: bucket?.inputs["bucket"] }] },
      schedules: { daily: { schedule: "0 3 * * *", template: { ttl: "720h" } } },
    });
  });

  it("watches every node with Falco, without a kernel module and without fetching anything", () => {
    expect(values("falco")).toMatchObject({
      driver: { kind: "modern_ebpf", modernEbpf: { leastPrivileged: true } },
      falcoctl: { artifact: { install: { enabled: false }, follow: { enabled: false } } },
      tolerations: [{ operator: "Exists" }],
    });
  });

  it("lets Flagger roll out what is in a Canary's own namespace, without a mesh", () => {
    expect(values("flagger")).toMatchObject({ meshProvider: "kubernetes", noCrossNamespaceRefs: true });
  });

  it("parses files of the host only where there is nothing else of the host", () => {
    const set = run.one("kubernetes:apps/v1:DaemonSet", "clamav");
    const { template } = (set.inputs["spec"] ?? {}) as { template: { spec: PodSpec } };
    const [clamd, scanner] = template.spec.containers;
    expect(template.spec.tolerations).toEqual([{ operator: "Exists" }]);
    expect(template.spec.volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name)).toEqual(["host"]);
    expect(clamd?.volumeMounts.map(({ name }) => name)).not.toContain("host");
    expect(clamd?.securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ["ALL"] } });
    expect(scanner?.volumeMounts).toContainEqual(expect.objectContaining({ name: "host", readOnly: true }));
    expect(scanner?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
    });
  });
});

interface PodSpec {
  readonly tolerations: unknown;
  readonly volumes: { readonly name: string; readonly hostPath?: unknown }[];
  readonly containers: { readonly volumeMounts: { readonly name: string }[]; readonly securityContext: object }[];
}

describe("04-cluster-services' optional services by configuration", () => {
  it("annotates service accounts, and makes no association, where pods get roles by IRSA", async () => {
    const run = await runEverything({ podCredentials: "IRSA" }, { invokes: irsa });
    expect(run.error).toBeUndefined();
    expect(run.ofType(ASSOCIATION)).toEqual([]);
    const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/name" };
    const account = (release: Registered) => JSON.stringify(release.inputs["values"]);
    for (const name of ["load-balancer-controller", "cluster-autoscaler", "external-dns", "telemetry", "velero"]) {
      expect(account(run.one(RELEASE, name))).toContain(JSON.stringify({ annotations }).slice(1, -1));
    }
    expect(run.one("aws:eks/addon:Addon", "aws-ebs-csi-driver").inputs).toMatchObject({
      serviceAccountRoleArn: "arn:aws:iam::123456789012:role/name",
    });
  });

  it("takes a bucket that is there", async () => {
    const run = await runEverything({ clusterBackupsBucketName: "our-backups" });
    expect(run.ofType("aws:s3/bucket:Bucket")).toEqual([]);
    expect(run.one(RELEASE, "velero").inputs["values"]).toMatchObject({
      configuration: { backupStorageLocation: [{ bucket: "our-backups" }] },
    });
  });

  it("speaks Elasticsearch where that is the store", async () => {
    const run = await runEverything({
      logForwardingStore: "elasticsearch",
      logForwardingEndpoint: "https://elk.example.com",
    });
    const { config } = run.one(RELEASE, "log-forwarding").inputs["values"] as { config: { outputs: string } };
    expect(config.outputs).toContain("    Name es\n");
    expect(config.outputs).toContain("    Port 443\n");
  });
});

const issuer = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const irsa = {
  "aws:eks/getCluster:getCluster": (inputs: Record<string, unknown>) => ({
    ...inputs,
    vpcConfig: { clusterSecurityGroupId: "sg-0123456789abcdef9" },
    identities: [{ oidcs: [{ issuer: `https://${issuer}` }] }],
  }),
  "aws:iam/getRole:getRole": (inputs: Record<string, unknown>) => ({
    ...inputs,
    arn: `arn:aws:iam::123456789012:role/${String(inputs["name"])}`,
    assumeRolePolicy: JSON.stringify({
      Statement: Object.values(shared.podServiceAccounts).map(({ namespace, name }) => ({
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${name}`,
            [`${issuer}:aud`]: "sts.amazonaws.com",
          },
        },
      })),
    }),
  }),
};
