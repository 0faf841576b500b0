import { CERTIFICATE, isIssued } from "../acm/proofs";
import { parseArn } from "../naming";
import type { ResourceRecord, ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { isGiven, number, text } from "../values";
import { actionRules, servesAnother, targetGroupPaths } from "./actions";
import {
  api,
  LISTENER,
  LISTENER_CERTIFICATE,
  listenersOf,
  LOAD_BALANCER,
  registry,
  RULE,
  rulesOf,
  TARGET_GROUP,
} from "./names";
import { DEFAULT_SSL_POLICY, SSL_POLICIES, sslPolicies } from "./sslPolicies";
import type { Properties } from "../../provider/types";

const CREATE = api("CreateListener");
const CERTIFICATES =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html";
/** Quota "Listeners per Application Load Balancer", default value. */
const MOST_LISTENERS = 50;

const protocolsOf: Readonly<Record<string, readonly string[]>> = {
  application: ["HTTP", "HTTPS"],
  network: ["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"],
  gateway: [],
};

/** Refuses a certificate that a listener can't serve with: gone, in another Region, or not issued. */
export function servable({ world, region, preview }: ValidateContext, certificateArn: string | undefined): Refusal {
  const parsed = parseArn(certificateArn ?? "");
  if (certificateArn === undefined || preview || parsed?.service === "iam") return undefined;
  const found = world.get(CERTIFICATE, certificateArn);
  return refusals(
    when(
      !found || parsed?.region !== region,
      "CertificateNotFound",
      `Certificate '${certificateArn}' not found: give the ARN of one that ACM holds in ${region}`,
      CERTIFICATES,
    ),
    when(
      found !== undefined && !isIssued(world, found),
      "UnsupportedCertificate",
      `The certificate '${certificateArn}' must have a fully-qualified domain name, a supported signature, and a ` +
        "supported key size: it isn't issued yet; wait for it with an aws.acm.CertificateValidation",
      CERTIFICATES,
    ),
  );
}

function protocolOf(inputs: Properties): string | undefined {
  return text(inputs.protocol) ?? (isGiven(inputs.protocol) ? undefined : "HTTP");
}

function encryption(context: ValidateContext): Refusal {
  const { inputs } = context;
  const protocol = protocolOf(inputs);
  const encrypted = protocol === "HTTPS" || protocol === "TLS";
  return refusals(
    when(
      encrypted && !isGiven(inputs.certificateArn),
      "ValidationError",
      `A certificate must be specified for ${protocol ?? ""} listeners`,
      CERTIFICATES,
    ),
    when(
      protocol !== undefined && !encrypted && isGiven(inputs.certificateArn),
      "ValidationError",
      `A certificate cannot be specified for ${protocol ?? ""} listeners`,
      CREATE,
    ),
    when(
      protocol !== undefined && !encrypted && isGiven(inputs.sslPolicy),
      "ValidationError",
      `An SSL policy cannot be specified for ${protocol ?? ""} listeners`,
      CREATE,
    ),
    oneOf("sslPolicy", inputs.sslPolicy, sslPolicies, "SSLPolicyNotFound", SSL_POLICIES),
    servable(context, text(inputs.certificateArn)),
  );
}

const listener: ResourceRecord = {
  type: LISTENER,
  source: registry("listener"),
  id: ({ inputs, world }) => {
    const balancer = (text(inputs.loadBalancerArn) ?? "").replace(":loadbalancer/", ":listener/");
    return `${balancer}/${world.newHexId("x", 16).slice(2)}`;
  },
  references: [
    // A load balancer's deletion takes its listeners along.
    { path: "loadBalancerArn", to: LOAD_BALANCER, by: "arn", weak: true },
    ...targetGroupPaths("defaultActions").map((path) => ({ path, to: TARGET_GROUP, by: "arn" })),
  ],
  replaceOn: ["loadBalancerArn"],
  errors: { notFound: "ListenerNotFound", inUse: "ResourceInUse" },
  outputs: ({ id, inputs }) => ({
    arn: id,
    protocol: protocolOf(inputs) ?? "",
    ...(protocolOf(inputs) === "HTTPS" || protocolOf(inputs) === "TLS"
      ? { sslPolicy: text(inputs.sslPolicy) ?? DEFAULT_SSL_POLICY }
      : {}),
  }),
  validate: (context) => {
    const { inputs, world } = context;
    const balancer = world.get(LOAD_BALANCER, text(inputs.loadBalancerArn) ?? "");
    const kind = text(balancer?.properties.loadBalancerType) ?? "application";
    return refusals(
      between("port", inputs.port, 1, 65_535, "ValidationError", CREATE),
      when(
        kind !== "gateway" && !isGiven(inputs.port),
        "ValidationError",
        "A port must be specified for a listener",
        CREATE,
      ),
      balancer && oneOf("protocol", inputs.protocol, protocolsOf[kind] ?? [], "ValidationError", CREATE),
      encryption(context),
      actionRules(context, "defaultActions", balancer),
    );
  },
  conflicts: (context) => {
    const { world, inputs, id } = context;
    const arn = text(inputs.loadBalancerArn) ?? "";
    const others = listenersOf(world, arn).filter((other) => other.id !== id);
    const twin = others.find(({ properties }) => number(properties.port) === number(inputs.port));
    return refusals(
      when(
        twin !== undefined,
        "DuplicateListener",
        `A listener already exists on this port for this load balancer '${arn}': ${twin?.name ?? ""}, port ${number(inputs.port) ?? 0}`,
        CREATE,
      ),
      when(
        others.length >= MOST_LISTENERS,
        "TooManyListeners",
        `a load balancer has at most ${MOST_LISTENERS}`,
        CREATE,
      ),
      servesAnother(context, "defaultActions", arn),
    );
  },
  onDelete: ({ world, id }) => {
    for (const rule of rulesOf(world, id)) world.remove(RULE, rule.id);
    for (const one of world.list(LISTENER_CERTIFICATE)) {
      if (one.properties.listenerArn === id) world.remove(LISTENER_CERTIFICATE, one.id);
    }
    return Promise.resolve();
  },
  seconds: { create: 2 },
};

const listenerCertificate: ResourceRecord = {
  type: LISTENER_CERTIFICATE,
  source: registry("listenercertificate"),
  id: ({ inputs }) => `${text(inputs.listenerArn) ?? ""}_${text(inputs.certificateArn) ?? ""}`,
  references: [{ path: "listenerArn", to: LISTENER, weak: true }],
  replaceOn: ["listenerArn", "certificateArn"],
  validate: (context) => {
    const found = context.world.get(LISTENER, text(context.inputs.listenerArn) ?? "");
    const protocol = text(found?.properties.protocol) ?? "";
    return refusals(
      when(
        found !== undefined && protocol !== "HTTPS" && protocol !== "TLS",
        "ValidationError",
        `A certificate cannot be specified for ${protocol} listeners`,
        api("AddListenerCertificates"),
      ),
      servable(context, text(context.inputs.certificateArn)),
    );
  },
  seconds: { create: 1 },
};

export const listenerRecords: readonly ResourceRecord[] = [listener, listenerCertificate];
