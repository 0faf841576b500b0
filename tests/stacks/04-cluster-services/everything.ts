import { runStack, type Run, type RunOptions } from "../../support/mocks";

/** Every optional service, with every key that one of them reads. */
export const everything = {
  services: [
    ...["cert-manager", "external-secrets", "external-dns", "log-shipping", "log-forwarding", "telemetry", "velero"],
    ...["argocd", "falco", "clamav", "flagger"],
  ],
  podLogRetentionDays: 7,
  externalDnsDomains: ["apps.example.com"],
  logForwardingEndpoint: "https://logs.example.com:9200",
  logForwardingUsername: "shipper",
  logForwardingPassword: "Forwarding-Secret-1",
  gitRepository: "https://github.com/example/clusters.git",
  gitPath: "clusters/prod",
  gitUsername: "deploy",
  gitPassword: "Git-Secret-1",
  argoCdUrl: "https://argocd.example.com",
  argoCdOidcIssuer: "https://id.example.com",
  argoCdOidcClientId: "argocd",
  argoCdOidcClientSecret: "Oidc-Secret-1",
  argoCdAdminGroups: ["platform-admins"],
  teams: [
    {
      name: "payments",
      repositories: ["https://github.com/example/payments.git"],
      namespaces: ["payments"],
      deployers: ["payments-developers"],
    },
    {
      name: "search",
      repositories: ["https://github.com/example/search.git"],
      namespaces: ["search", "search-jobs"],
      podSecurity: "baseline",
      viewers: ["auditors"],
    },
  ],
} as const;

/** What Karpenter's part looks up. */
export const clusterLookup = {
  "aws:eks/getCluster:getCluster": (inputs: Record<string, unknown>) => ({
    ...inputs,
    vpcConfig: { clusterSecurityGroupId: "sg-0123456789abcdef9" },
    identities: [],
  }),
};

/** Runs the stack with everything optional on. */
export function runEverything(config: Record<string, unknown> = {}, options: RunOptions = {}): Promise<Run> {
  return runStack("clusterServices", { invokes: clusterLookup, ...options, config: { ...everything, ...config } });
}
