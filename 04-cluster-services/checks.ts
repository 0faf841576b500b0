import * as pulumi from "@pulumi/pulumi";
import { contract, kinds, shared, type Problems } from "@selfhosted/common";
import { charts, type Chart } from "@selfhosted/common/images";
import type { SettingValues } from "@selfhosted/common/spec";
import type { ServiceName, settings as allSettings } from "./settings";

type Values = SettingValues<typeof allSettings>;

/** As much of the configuration as the checks between keys look at. */
export interface ResolvedConfig {
  readonly settings: Values;
  readonly given: { readonly loadBalancerControllerVersion?: string };
  readonly upstream: { readonly cluster: { readonly clusterVersion: string; readonly autoMode: boolean } };
}

/** Keys of one service: those that it can't do without, and those that mean nothing without it. */
const keysOf: Partial<
  Record<ServiceName, { readonly required: readonly (keyof Values)[]; readonly optional: readonly (keyof Values)[] }>
> = {
  "external-dns": { required: ["externalDnsDomains"], optional: [] },
  "log-forwarding": {
    required: ["logForwardingEndpoint", "logForwardingUsername", "logForwardingPassword"],
    optional: [],
  },
  velero: { required: [], optional: ["clusterBackupsBucketName"] },
  argocd: {
    required: ["gitRepository", "gitPath"],
    optional: [
      ...(["gitUsername", "gitPassword", "gitSshPrivateKey", "argoCdUrl"] as const),
      ...(["argoCdOidcIssuer", "argoCdOidcClientId", "argoCdOidcClientSecret"] as const),
    ],
  },
  clamav: { required: [], optional: ["clamavDatabaseMirror"] },
  flagger: { required: [], optional: ["flaggerMetricsServer"] },
};

/** Charts of the optional services; ClamAV has none. */
const serviceCharts: Record<ServiceName, Chart | undefined> = {
  "cert-manager": charts.certManager,
  "external-secrets": charts.externalSecrets,
  "external-dns": charts.externalDns,
  "log-shipping": charts.logShipping,
  "log-forwarding": charts.logForwarding,
  telemetry: charts.telemetry,
  velero: charts.velero,
  argocd: charts.argoCd,
  falco: charts.falco,
  clamav: undefined,
  flagger: charts.flagger,
};

/** Checks keys against each other and against the cluster's version; what is wrong goes to `problems`. */
export function checkKeys(config: ResolvedConfig, problems: Problems): void {
  const { settings } = config;
  const { autoMode } = config.upstream.cluster;
  if (autoMode && settings.autoscaling !== "auto-mode") {
    problems.add(
      `the cluster runs EKS Auto Mode, which makes nodes and volumes itself, and autoscaling is ${settings.autoscaling}; ` +
        "run `pulumi config set autoscaling auto-mode`",
    );
  }
  if (!autoMode && settings.autoscaling === "auto-mode") {
    problems.add(
      "autoscaling is auto-mode, and the cluster doesn't run EKS Auto Mode; set autoMode in 03-cluster (for a cluster of " +
        "your own: `pulumi config set autoMode true` here), or another autoscaling",
    );
  }
  for (const [service, { required, optional }] of Object.entries(keysOf)) {
    if (settings.services.some((name) => name === service)) {
      for (const key of required.filter((name) => settings[name] === undefined)) {
        problems.add(`${service} is in services, and ${key} is missing; run \`pulumi config set ${key} …\``);
      }
    } else {
      for (const key of [...required, ...optional].filter((name) => settings[name] !== undefined)) {
        problems.add(`${key} means nothing without ${service} in services; add it, or run \`pulumi config rm ${key}\``);
      }
    }
  }
  if (settings.deliver === "gitops" && !settings.services.includes("argocd")) {
    problems.add(
      "deliver gitops writes Applications for Argo CD, which is not in services; add argocd, or run `pulumi config set deliver apply`",
    );
  }
  if (autoMode && settings.services.includes("velero")) {
    // Source: https://github.com/velero-io/velero/issues/9254
    void pulumi.log.warn(
      "velero backs up the cluster's objects, but no volumes that EKS Auto Mode made: its plugin doesn't know that driver " +
        "(https://github.com/velero-io/velero/issues/9254)",
    );
  }
  checkVersions(config, problems);
  checkGit(settings, problems);
  checkTeams(settings, problems);
}

function checkVersions({ settings, given, upstream }: ResolvedConfig, problems: Problems): void {
  const names = [
    ...Object.values(serviceCharts),
    charts.loadBalancerController,
    charts.clusterAutoscaler,
    charts.karpenter,
  ]
    .flatMap((chart) => chart ?? [])
    .map((chart) => chart.name);
  for (const name of Object.keys(settings.chartVersions).filter((word) => !names.includes(word))) {
    problems.add(`chartVersions names ${name}, which is no chart of this stack (${names.join(", ")})`);
  }
  const addons: readonly string[] = settings.addons;
  for (const name of Object.keys(settings.addonVersions).filter((word) => !addons.includes(word))) {
    problems.add(`addonVersions names ${name}, which is not in addons (${addons.join(", ")})`);
  }
  const installed: (Chart | undefined)[] = settings.services.map((service) => serviceCharts[service]);
  if (settings.autoscaling === "karpenter") installed.push(charts.karpenter);
  if (given.loadBalancerControllerVersion === undefined) installed.push(charts.loadBalancerController);
  const version = upstream.cluster.clusterVersion;
  const minor = kinds.minorVersion;
  for (const chart of installed) {
    // A version that the operator names is the operator's to know.
    if (chart === undefined || settings.chartVersions[chart.name] !== undefined) continue;
    const { from, to } = chart.kubernetes;
    if (minor(from) <= minor(version) && (to === undefined || minor(version) <= minor(to))) continue;
    const range = to === undefined ? `${from} or newer` : `${from} to ${to}`;
    problems.add(
      `the chart ${chart.name} ${chart.version} is for Kubernetes ${range}, and the cluster has ${version}; name a version ` +
        `of the chart that fits in chartVersions, see ${chart.source}`,
    );
  }
}

function checkGit(settings: Values, problems: Problems): void {
  const { gitRepository, gitUsername, gitPassword, gitSshPrivateKey } = settings;
  const isHttps = gitRepository?.startsWith("https://");
  if (gitPassword && gitSshPrivateKey) {
    problems.add("gitPassword and gitSshPrivateKey are both set; run `pulumi config rm` on the one you don't use");
  }
  if ((gitPassword === undefined) !== (gitUsername === undefined)) {
    problems.add("gitUsername and gitPassword go together; set both, or run `pulumi config rm` on the one that is set");
  }
  if (gitRepository !== undefined && (isHttps ? gitSshPrivateKey : gitPassword)) {
    const [given, wanted] = isHttps
      ? ["gitSshPrivateKey", "an address like git@github.com:example/clusters.git"]
      : ["gitPassword", "an https:// address"];
    problems.add(`${given} opens ${wanted}, and gitRepository is ${gitRepository}; change one of them`);
  }
  const signIn = ["argoCdUrl", "argoCdOidcIssuer", "argoCdOidcClientId", "argoCdOidcClientSecret"] as const;
  const absent = signIn.filter((key) => settings[key] === undefined);
  if (absent.length > 0 && absent.length < signIn.length) {
    problems.add(`sign-in to Argo CD is half given: ${absent.join(", ")} missing; set ${signIn.join(", ")} or none`);
  }
  const grouped = settings.teams.some(({ deployers = [], viewers = [] }) => deployers.length + viewers.length > 0);
  if ((grouped || settings.argoCdAdminGroups.length > 0) && settings.argoCdOidcIssuer === undefined) {
    problems.add("groups are named in teams or argoCdAdminGroups, and nobody signs in by groups; set argoCdOidcIssuer");
  }
}

/** Namespaces in which a team would get hold of the platform or of the service. */
const platformNamespaces = [
  ...Object.values(shared.podServiceAccounts).map(({ namespace }) => namespace),
  shared.searchNamespace,
  ...["default", "argocd", "cert-manager", "falco", "clamav", "flagger-system", "log-forwarding"],
];

function checkTeams({ teams, services }: Values, problems: Problems): void {
  if (teams.length > 0 && !services.includes("argocd")) {
    problems.add("teams are Argo CD's, which is not in services; add argocd, or run `pulumi config rm teams`");
  }
  const names = teams.map(({ name }) => name);
  for (const name of repeated(names)) problems.add(`teams names ${name} twice; give each team one entry`);
  const namespaces = teams.flatMap((team) => team.namespaces);
  for (const name of repeated(namespaces)) problems.add(`the namespace ${name} is of two teams; give it to one`);
  for (const name of new Set(namespaces)) {
    if (name.startsWith("kube-") || platformNamespaces.includes(name)) {
      problems.add(
        `the namespace ${name} is ${contract.clusterServices.folder}'s or the service's; give the team another`,
      );
    }
  }
}

function repeated(words: readonly string[]): Set<string> {
  return new Set(words.filter((word, index) => words.indexOf(word) !== index));
}
