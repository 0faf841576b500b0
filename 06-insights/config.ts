import { Problems, contract, defineConfig, kinds, readConfig, setting } from "@selfhosted/common";
import { warnOfShutDoor } from "@selfhosted/common/clusterAccess";
import { chartRegistry, imageRegistry } from "@selfhosted/common/images";

/** Everything this stack reads; Pulumi.EXAMPLE.yaml documents it key by key. */
export const spec = defineConfig("insights", {
  settings: {
    mode: setting.defaulted(
      kinds.oneOf("domain", "cluster", "external"),
      "domain",
      "who runs OpenSearch: AWS, the EKS cluster, or somebody else",
    ),
    // 2.11 is the newest version that the vendor's documentation names as tested; its installers run 2.13 and 2.14.
    engineVersion: setting.defaulted(
      kinds.matching(
        /^OpenSearch_2\.\d{1,2}$/,
        "must be an OpenSearch 2 version like OpenSearch_2.13",
        "OpenSearch_2.13",
      ),
      "OpenSearch_2.13",
      "OpenSearch version",
    ),
    instanceType: setting.defaulted(
      kinds.matching(/^[a-z0-9]+\.[a-z0-9]+\.search$/, "must be a type like r6g.large.search", "r6g.large.search"),
      "t3.small.search",
      "instance type of data nodes",
    ),
    availabilityZones: setting.byProfile(
      kinds.oneOfNumbers(1, 2, 3),
      { standard: 2, small: 1 },
      "zones the data nodes are spread over",
    ),
    dataNodes: setting.byProfile(
      kinds.integer(1, 80),
      { standard: 2, small: 1 },
      "data nodes, a multiple of availabilityZones",
    ),
    dedicatedMasterType: setting.optional(
      kinds.matching(/^[a-z0-9]+\.[a-z0-9]+\.search$/, "must be a type like m6g.large.search", "m6g.large.search"),
      "instance type of three dedicated master nodes",
    ),
    volumeSize: setting.byProfile(
      kinds.integer(10, 12288),
      { standard: 20, small: 10 },
      "gp3 volume of a data node, GiB",
    ),
    logRetentionDays: setting.byProfile(
      kinds.logRetentionDays(),
      { standard: 30, small: 7 },
      "days that the domain's logs are kept",
    ),
    offPeakStartHour: setting.defaulted(
      kinds.integer(0, 23),
      3,
      "hour (UTC) from which AWS maintains it, for ten hours",
    ),
    clusterNodes: setting.byProfile(
      kinds.oneOfNumbers(1, 3, 5, 7),
      { standard: 3, small: 1 },
      "OpenSearch nodes in the cluster, an odd number so that they can agree",
    ),
    clusterNodeMemory: setting.defaulted(kinds.integer(1, 62), 2, "memory of such a node, GiB; half is Java's heap"),
    imageRegistry,
    chartRegistry,
    protect: setting.defaulted(kinds.boolean(), false, "whether a destroy is refused"),
  },
  needs: {
    // As groups, because `byo` gives a network's or cluster's ids to every stack that may come to read them.
    networking: {
      groups: [
        {
          when: (settings, given) => settings.mode === "domain" && !given.has("searchEndpoint"),
          outputs: ["vpcId", "isolatedSubnetIds", "workloadSecurityGroupId"],
        },
      ],
    },
    cluster: {
      groups: [{ when: (settings) => settings.mode === "cluster", outputs: ["clusterName", "kubeconfig"] }],
    },
    clusterServices: {
      groups: [{ when: (settings) => settings.mode === "cluster", outputs: ["storageClassName"] }],
    },
  },
});

/** What the rest of this stack works from. */
export type InsightsConfig = Awaited<
  ReturnType<typeof readConfig<"insights", typeof spec.settings, typeof spec.needs>>
>;

/** Everything this stack reads, and what must hold between keys. */
export async function readInsightsConfig(): Promise<InsightsConfig> {
  const config = await readConfig(spec);
  const { mode, availabilityZones, dataNodes } = config.settings;
  const problems = new Problems();
  if (mode === "external" && config.given.search === undefined) {
    problems.add(
      "mode is external, but not whose search it is; run `pulumi config set searchEndpoint https://search.example.com:443`, `pulumi config set searchUsername admin` and `pulumi config set --secret searchPassword`",
    );
  }
  if (mode === "cluster" && config.given.search !== undefined) {
    problems.add("mode is cluster, but searchEndpoint is somebody else's; run `pulumi config set mode external`");
  }
  if (dataNodes % availabilityZones !== 0) {
    const whole = Math.ceil(dataNodes / availabilityZones) * availabilityZones;
    problems.add(
      `dataNodes ${dataNodes} can't be spread evenly over ${availabilityZones} zones; run \`pulumi config set dataNodes ${whole}\``,
    );
  }
  const subnets = config.upstream.networking.isolatedSubnetIds?.length;
  if (subnets !== undefined && subnets < availabilityZones) {
    problems.add(
      `availabilityZones is ${availabilityZones}, but there are only ${subnets} isolated subnets; run \`pulumi config set availabilityZones ${subnets}\``,
    );
  }
  problems.throwIfAny(contract.insights.project);
  const { kubeconfig } = config.upstream.cluster;
  if (kubeconfig !== undefined) await warnOfShutDoor(kubeconfig);
  return config;
}
