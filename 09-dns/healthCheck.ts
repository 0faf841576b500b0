import * as aws from "@pulumi/aws";
import { shared } from "@selfhosted/common";
import type { DnsConfig } from "./config";

/** Seconds between two requests of one checker, the slower and cheaper of the two that Route 53 has. */
const INTERVAL = 30;
/** Requests in a row that must fail, and Route 53's default. */
const FAILURES = 3;

/**
 * Asks the API from the internet by its own name, for alarms on Route 53's metrics. No record hangs on it: the name would
 * be healthy again as soon as the other region answered to it, and Route 53 would go back. There the load balancer's own
 * health checks decide, which ask each target for the same path.
 */
export function makeHealthCheck({ settings, upstream, tags, names }: DnsConfig): aws.route53.HealthCheck | undefined {
  if (!settings.healthCheck) return undefined;
  return new aws.route53.HealthCheck("api", {
    type: "HTTPS",
    fqdn: upstream.service.apiDomain,
    port: 443,
    resourcePath: shared.healthPaths.api,
    requestInterval: INTERVAL,
    failureThreshold: FAILURES,
    tags: { ...tags, Name: names.of("api") },
  });
}
