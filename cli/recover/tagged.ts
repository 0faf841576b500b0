import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as aws from "@pulumi/aws";
import { LocalWorkspace, type ConfigMap } from "@pulumi/pulumi/automation";

/** Tags of one object and its type in the words of the tagging API, e.g. `ec2:vpc`. */
export interface TagQuery {
  readonly resourceType: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Where to look, when it isn't the stack's own region. */
  readonly region?: string;
}

/**
 * ARNs of everything that carries the tags of each query. AWS is asked by the same provider, with the same region and
 * credentials, as the stack itself: in a program of its own that makes nothing.
 * @param config The stack's configuration of the AWS provider, `aws:region` and the like.
 */
export async function findByTags(queries: readonly TagQuery[], config: ConfigMap): Promise<string[][]> {
  if (queries.length === 0) return [];
  const scratch = await mkdtemp(path.join(tmpdir(), "selfhosted-lookup-"));
  const answers: string[][] = [];
  const program = async () => {
    for (const [index, { resourceType, tags, region }] of queries.entries()) {
      const { resourceTagMappingLists } = await aws.resourcegroupstaggingapi.getResources({
        region,
        resourceTypeFilters: [resourceType],
        tagFilters: Object.entries(tags).map(([key, value]) => ({ key, values: [value] })),
      });
      answers[index] = resourceTagMappingLists.map(({ resourceArn }) => resourceArn);
    }
  };
  try {
    const stack = await LocalWorkspace.createStack(
      { projectName: "selfhosted-lookup", stackName: "lookup", program },
      {
        workDir: scratch,
        envVars: { PULUMI_BACKEND_URL: `file://${scratch}`, PULUMI_CONFIG_PASSPHRASE: "nothing is kept" },
      },
    );
    await stack.setAllConfig(config);
    await stack.preview();
  } finally {
    await rm(scratch, { recursive: true });
  }
  return answers;
}
