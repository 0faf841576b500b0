import * as aws from "@pulumi/aws";
import type * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";

/** Access entries and their policies, where the authentication mode has them. */
export function makeAccessEntries(
  name: string,
  args: Pick<eks.ClusterArgs, "authenticationMode" | "accessEntries">,
  cluster: aws.eks.Cluster,
  parent: pulumi.Resource,
): aws.eks.AccessEntry[] {
  const entries = Object.entries(args.accessEntries ?? {});
  const supported = args.authenticationMode === "API" || args.authenticationMode === "API_AND_CONFIG_MAP";
  if (entries.length > 0 && !supported) {
    throw new Error(
      "The 'accessEntries' property is not supported unless 'authenticationMode' is API or API_AND_CONFIG_MAP.",
    );
  }
  return entries.map(([key, { accessPolicies, username, ...entry }]) => {
    const made = new aws.eks.AccessEntry(
      `${name}-${key}`,
      { ...entry, userName: username, clusterName: cluster.name },
      { parent, dependsOn: [cluster] },
    );
    for (const [policy, association] of Object.entries(accessPolicies ?? {})) {
      const { policyArn, accessScope } = pulumi.output(association);
      new aws.eks.AccessPolicyAssociation(
        `${name}-${key}-${policy}`,
        { clusterName: cluster.name, principalArn: entry.principalArn, policyArn, accessScope },
        { parent: made, dependsOn: [made] },
      );
    }
    return made;
  });
}
