import path from "node:path";
import { LocalWorkspace, PulumiCommand, StackNotFoundError, type Deployment } from "@pulumi/pulumi/automation";
import { contract, namesOf, shared, type Names, type StackName } from "@selfhosted/common";
import { reason } from "../reason";

const INVOCATION = "aws:lambda/invocation:Invocation";

/** What an installation says of itself: the outputs of 08 and 09, and what 08 was told. */
export interface Facts {
  readonly stack: string;
  readonly apiDomain: string;
  readonly consoleDomain: string;
  /** Load balancers that the names may lead to. */
  readonly targets: readonly string[];
  /** The records that 08 asks for, where 09 isn't deployed. */
  readonly dnsRecords: readonly string[];
  /** Whether 09-dns made the names. */
  readonly hasDns: boolean;
  /** Version of the images; `undefined` when only 09 is deployed here. */
  readonly version: string | undefined;
  /** Version whose migrations ran last, where 08 says it. */
  readonly schema: string | undefined;
  readonly platform: string;
  /** Names of what 08 makes. */
  readonly names: Pick<Names, "cluster" | "logGroup">;
  /** The cluster's kubeconfig; `undefined` when none is known. */
  readonly kubeconfig: string | undefined;
  /** Options with which the AWS CLI reaches where 08 is. */
  readonly aws: readonly string[];
  /** On Fargate: id of the task of the last migrations, which succeeded. */
  readonly migrationTask: string | undefined;
}

type Values = Readonly<Record<string, { readonly value?: unknown }>>;

/**
 * Reads an installation's facts with the Pulumi CLI, from the folders below `root`. Secrets stay in memory.
 * @throws Error when neither 08 nor 09 is deployed under this name.
 */
export async function readFacts(root: string, stack: string, options: { readonly cluster: boolean }): Promise<Facts> {
  const pulumiCommand = await PulumiCommand.get().catch((error: unknown) => {
    throw new Error("the Pulumi CLI isn't on PATH; install it: https://www.pulumi.com/docs/install/", { cause: error });
  });
  const workspace = (name: StackName) =>
    LocalWorkspace.create({ workDir: path.join(root, contract[name].folder), pulumiCommand });
  const outputsOf = async (name: StackName, of = stack): Promise<Values> =>
    orNothing(async () => (await workspace(name)).stackOutputs(of), `pulumi stack output in ${contract[name].folder}`);
  const [service, dns, config] = await Promise.all([
    outputsOf("service"),
    outputsOf("dns"),
    orNothing<Values>(
      async () => (await workspace("service")).getAllConfig(stack),
      `pulumi config in ${contract.service.folder}`,
    ),
  ]);
  const own = (key: string) => textOf(config[`${contract.service.project}:${key}`]?.value);
  const apiDomain = textOf(service["apiDomain"]?.value ?? dns["apiRecordName"]?.value);
  const consoleDomain = textOf(service["consoleDomain"]?.value ?? dns["consoleRecordName"]?.value);
  if (apiDomain === undefined || consoleDomain === undefined) {
    throw new Error(
      `08-service is not up as stack ${stack}; run \`pulumi up --stack ${stack}\` there, or name its stack: npm run verify -- --stack <name>`,
    );
  }
  const clusterStack = own("clusterStack") ?? own("upstreamStack") ?? stack;
  const kubeconfig =
    own("kubeconfig") ??
    (options.cluster && own("platform") !== "fargate"
      ? textOf((await outputsOf("cluster", clusterStack))["kubeconfig"]?.value)
      : undefined);
  const platform = own("platform") ?? "eks";
  const onFargate = options.cluster && platform === "fargate" && service["version"] !== undefined;
  const option = (key: string) => {
    const value = textOf(config[`aws:${key}`]?.value);
    return value === undefined ? [] : [`--${key}`, value];
  };
  return {
    stack,
    apiDomain,
    consoleDomain,
    targets: textsOf(dns["targets"]?.value ?? [service["loadBalancerDnsName"]?.value]),
    dnsRecords: textsOf(service["dnsRecords"]?.value),
    hasDns: dns["apiRecordName"] !== undefined,
    version: textOf(service["version"]?.value),
    schema: textOf(service["schema"]?.value),
    platform,
    names: namesOf({
      baseName: own("baseName") ?? "pulumi",
      installation: own("installation") ?? stack,
      // Neither stands in these names.
      account: "",
      region: "",
    }),
    kubeconfig,
    aws: [...option("region"), ...option("profile")],
    migrationTask: onFargate ? migrationTaskIn(await (await workspace("service")).exportStack(stack)) : undefined,
  };
}

/** Of the state: what the Lambda function that waited for the migrations' task returned, once that had succeeded. */
function migrationTaskIn({ deployment }: Deployment): string | undefined {
  const { resources = [] } = deployment as {
    resources?: { readonly type: string; readonly urn: string; readonly outputs?: { readonly result?: unknown } }[];
  };
  const results = resources
    .filter(({ type, urn }) => type === INVOCATION && urn.includes(`::${shared.serviceAccounts.migrations}`))
    .map(
      ({ outputs }) =>
        JSON.parse(textOf(outputs?.result) ?? "{}") as { readonly task?: string; readonly isDone?: boolean },
    );
  return results.find(({ isDone }) => isDone)?.task;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((one) => textOf(one) ?? []) : [];
}

/** What a stack says, or nothing where it doesn't exist. */
async function orNothing<T extends object>(read: () => Promise<T>, what: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StackNotFoundError) return {} as T;
    const said = reason(error);
    const reasons = said.split("\n").filter((line) => line.includes("error:"));
    const last = (reasons.at(-1) ?? said).replace(/^.*?error: */, "").trim();
    throw new Error(
      `${what}: ${last}; it needs the backend that holds the state (\`pulumi login s3://…\`), credentials that open it, and ` +
        "PULUMI_CONFIG_PASSPHRASE where secrets have one",
      { cause: error },
    );
  }
}
