import { makeArgoCd } from "./argoCd";
import { makeCertManager } from "./certManager";
import { makeClamav } from "./clamav";
import type { Cluster } from "./cluster";
import type { ClusterServicesConfig } from "./config";
import { makeExternalDns } from "./externalDns";
import { makeExternalSecrets } from "./externalSecrets";
import { makeFalco } from "./falco";
import { makeFlagger } from "./flagger";
import { makeLogForwarding } from "./logForwarding";
import { makeLogShipping } from "./logShipping";
import type { ServiceName } from "./settings";
import { makeTelemetry } from "./telemetry";
import { makeVelero } from "./velero";

const makers: Readonly<Record<ServiceName, (config: ClusterServicesConfig, cluster: Cluster) => void>> = {
  "cert-manager": makeCertManager,
  "external-secrets": makeExternalSecrets,
  "external-dns": makeExternalDns,
  "log-shipping": makeLogShipping,
  "log-forwarding": makeLogForwarding,
  telemetry: makeTelemetry,
  velero: makeVelero,
  argocd: makeArgoCd,
  falco: makeFalco,
  clamav: makeClamav,
  flagger: makeFlagger,
};

/** The optional services that are asked for. */
export function makeServices(config: ClusterServicesConfig, cluster: Cluster): void {
  for (const service of config.settings.services) makers[service](config, cluster);
}
