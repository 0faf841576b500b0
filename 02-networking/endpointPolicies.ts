import type { NetworkingConfig } from "./config";
import type { EndpointService } from "./endpointServices";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: "*";
  readonly Action: string;
  readonly Resource: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * The policy of an endpoint through which only this account's principals pass, so that nobody carries data out with keys
 * of another account; undefined, which is everybody, unless configured.
 * Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
 */
export function endpointPolicy(
  config: NetworkingConfig,
  service: EndpointService | "dynamodb" | "s3",
): string | undefined {
  const { settings, caller } = config;
  if (settings.endpointAccess === "Everybody") return undefined;
  const own: Statement = {
    ...everybody("OwnPrincipals", "*", "*"),
    Condition: { StringEquals: { "aws:PrincipalAccount": caller.account } },
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [own, ...strangers(config, service)] });
}

/** Calls that nodes and pods can't do without and that no principal of this account makes. */
function strangers({ caller }: NetworkingConfig, service: string): Statement[] {
  const { partition, region } = caller;
  // A pod's token is handed in before the pod is anybody; the role's own trust policy judges it.
  if (service === "sts") return [everybody("PodTokens", "sts:AssumeRoleWithWebIdentity", "*")];
  if (service !== "s3") return [];
  return [
    // Layers of images and Amazon Linux's packages lie in buckets of AWS, read by signed addresses or by nobody.
    // Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html (minimum S3 bucket permissions)
    everybody("ImagesAndPackages", "s3:GetObject", [
      `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
      `arn:${partition}:s3:::al2023-repos-${region}-de612dc2/*`,
    ]),
  ];
}

function everybody(Sid: string, Action: string, Resource: string | string[]): Statement {
  return { Sid, Effect: "Allow", Principal: "*", Action, Resource };
}
