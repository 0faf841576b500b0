import * as k8s from "@pulumi/kubernetes";
import { asked, shared } from "@selfhosted/common";
import type { Service } from "../components";
import type { ServiceConfig } from "../config";
import type { ExtraComponent } from "../extras";
import { selectorLabels, type Place } from "./namespace";

type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

interface Flows {
  /** Ports that may be reached, by whom; no peer means anybody, whom the security groups then judge. */
  readonly in: readonly { readonly from?: Peer[]; readonly ports: number[] }[];
  readonly out: readonly { readonly to?: Peer[]; readonly ports: number[] }[];
}

/** Address of the agent that hands out roles to pods. Source: EKS user guide, Pod Identity, "How it works". */
const POD_IDENTITY_AGENT = "169.254.170.23/32";

/**
 * Nothing goes in or out of the namespace but what the service needs. Addresses outside the cluster (the load balancer,
 * AWS, the database) aren't known to Kubernetes: for them the port is opened here, and security groups say to whom.
 */
export function makeNetworkPolicies(config: ServiceConfig, place: Place, service: Service): void {
  const { api, console: app, migrations } = shared.serviceAccounts;
  const database = asked(config.upstream.database.databasePort, "the database's port");
  make(place, "default-deny", {}, { in: [], out: [] });
  const out: Flows["out"] = [
    { ports: [443, database, ...servicePorts(config), ...extraPorts(config, "api")] },
    { to: [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }], ports: [80] },
  ];
  make(place, api, { matchLabels: selectorLabels(api) }, { in: [{ ports: [service.api.port] }], out });
  if (service.jobs) {
    const { name } = service.jobs;
    make(place, name, { matchLabels: selectorLabels(name) }, { in: [], out });
  }
  make(
    place,
    app,
    { matchLabels: selectorLabels(app) },
    {
      in: [{ ports: [service.console.port] }],
      // The API inside, and the sign-in services outside.
      out: [
        { to: [{ podSelector: { matchLabels: selectorLabels(api) } }], ports: [service.api.port] },
        { ports: [443, ...signInPorts(config), ...extraPorts(config, "console")] },
      ],
    },
  );
  for (const name of [migrations, shared.databaseUser]) {
    const extra = name === migrations ? extraPorts(config, "migrations") : [];
    make(place, name, { matchLabels: selectorLabels(name) }, { in: [], out: [{ ports: [database, ...extra] }] });
  }
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "http:" ? 80 : 443) : Number(port);
}

/** Ports of the sign-in services of one's own. */
function signInPorts({ settings }: ServiceConfig): number[] {
  return [settings.githubOauthEndpoint, settings.gitlabOauthEndpoint].flatMap((url) =>
    url === undefined ? [] : [portOf(url)],
  );
}

/** Ports of the addresses that `extras` gives a component: a proxy, above all. */
function extraPorts({ extras }: ServiceConfig, component: ExtraComponent): number[] {
  return Object.values(extras[component]?.environment ?? {}).flatMap((value) =>
    /^\w+:\/\//.test(value) && URL.canParse(value) ? [portOf(value)] : [],
  );
}

/** Ports of what the API was told to reach: search, mail, telemetry, sign-in services. */
function servicePorts(config: ServiceConfig): number[] {
  const { settings, upstream } = config;
  const ports = signInPorts(config);
  if (upstream.insights) ports.push(portOf(upstream.insights.searchEndpoint));
  if (settings.smtpServer !== undefined) ports.push(portOf(`https://${settings.smtpServer}`));
  if (settings.otelEndpoint !== undefined) ports.push(portOf(settings.otelEndpoint));
  return ports;
}

function make(
  place: Place,
  name: string,
  podSelector: k8s.types.input.meta.v1.LabelSelector,
  flows: Flows,
): k8s.networking.v1.NetworkPolicy {
  const tcp = (ports: number[]): Port[] => [...new Set(ports)].map((port) => ({ port, protocol: "TCP" }));
  const dns: k8s.types.input.networking.v1.NetworkPolicyEgressRule = {
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
  };
  return new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: place.metadata(name, name),
      spec: {
        podSelector,
        policyTypes: ["Ingress", "Egress"],
        ingress: flows.in.map(({ from, ports }) => ({ from, ports: tcp(ports) })),
        egress: [
          ...(flows.out.length > 0 ? [dns] : []),
          ...flows.out.map(({ to, ports }) => ({ to, ports: tcp(ports) })),
        ],
      },
    },
    place.after(),
  );
}
