import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { adoptable, contract, type StackName } from "./contract";
import { parseArn } from "./kinds";
import { namesOf, tagsOf } from "./names";
import { readNeeds } from "./needs";
import { OwnConfig, keptSecret, setCommand, type Caller } from "./ownConfig";
import { Problems, reasonOf } from "./problems";
import { grouped, isWhole } from "./sets";
import { commonSettings, upstreamSettings, type Profile, type Settings } from "./settings";
import { neededOutputs, type ConfigSpec, type GivenValues } from "./spec";
import type { SettingValues, StackConfig, UpstreamValues } from "./spec";

/**
 * Resolves everything a stack reads, before it makes anything. For every input: this stack's own configuration wins;
 * otherwise the upstream stack's output; otherwise the run ends with one error that lists every missing, malformed,
 * half-given and unknown key with the commands that mend it. A StackReference is made only when an input needs it.
 * @throws pulumi.RunError with all problems.
 */
export async function readConfig<S extends StackName, const K extends Settings, const N>(
  spec: ConfigSpec<S, K, N>,
): Promise<StackConfig<S, K, N>> {
  const { project } = contract[spec.stack];
  const problems = new Problems();
  const caller = await readCaller(problems);
  problems.throwIfAny(project);
  const own = new OwnConfig(project, caller, problems);

  const common = readSettings({ ...commonSettings, ...upstreamSettings }, "standard", own, problems);
  const profile = common["profile"] as Profile;
  const settings = readSettings(spec.settings, profile, own, problems) as SettingValues<K>;
  const given = spec.adopts ? readGiven(spec.stack, own, problems) : {};
  const baseName = common["baseName"] as string;
  const installation = (common["installation"] as string | undefined) ?? pulumi.getStack();
  const where = {
    stack: common["upstreamStack"] as string | undefined,
    organization: common["upstreamOrganization"] as string | undefined,
    naming: { baseName, installation, region: caller.region },
  };
  const upstream = await readNeeds(neededOutputs(spec), settings as never, where, { own, caller, problems });
  own.reportUnknown();
  problems.throwIfAny(project);

  const identity = { baseName, installation, account: caller.account, region: caller.region };
  return {
    settings,
    given: given as GivenValues<S>,
    upstream: upstream as UpstreamValues<N>,
    names: namesOf(identity),
    tags: tagsOf(identity, project, common["tags"] as Record<string, string>),
    caller,
    baseName,
    installation,
    profile,
  };
}

async function readCaller(problems: Problems): Promise<Caller> {
  const region = aws.config.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
  if (region === undefined || region === "") {
    problems.add("aws:region is missing; run `pulumi config set aws:region us-east-1` with the region to deploy to");
    return { arn: "", account: "", partition: "", region: "" };
  }
  try {
    const { arn, accountId } = await aws.getCallerIdentity();
    return { arn, account: accountId, partition: parseArn(arn)?.partition ?? "aws", region };
  } catch (error) {
    problems.add(
      `AWS doesn't say whose account this is; run \`aws sts get-caller-identity\` to see why. It said: ${reasonOf(error)}`,
    );
    return { arn: "", account: "", partition: "", region };
  }
}

function readSettings(
  settings: Settings,
  profile: Profile,
  own: OwnConfig,
  problems: Problems,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const fallback = profile === "small" ? (setting.small ?? setting.default) : setting.default;
    const value = own.read(key, setting.kind) ?? fallback;
    const elsewhere = setting.elsewhere === undefined ? undefined : values[setting.elsewhere];
    const isElsewhere = typeof elsewhere === "object" && elsewhere !== null && key in elsewhere;
    if (value === undefined && !setting.optional && !own.has(key) && !isElsewhere) {
      problems.add(`${key} is missing (${setting.about}); run \`${setCommand(key, setting.kind)}\``);
    }
    values[key] = keptSecret(setting.kind, value);
  }
  return values;
}

function readGiven(stack: StackName, own: OwnConfig, problems: Problems): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [set, members] of grouped(adoptable(stack))) {
    const names = members.map(([name]) => name);
    const values = members.map(([name, { kind }]) => keptSecret(kind, own.read(name, kind)));
    if (set === undefined) names.forEach((name, index) => (given[name] = values[index]));
    else if (isWhole(set, names, own, problems))
      given[set] = Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }
  return given;
}
