import { specs } from "@selfhosted/cli/specs";
import { configKeys, contract, stackNames, type Profile, type StackName } from "@selfhosted/common";
import { readExampleFile } from "../support/example";
import { runStack } from "../support/mocks";
import { free, priced, type Priceable } from "./rules";

/** What one stack's resources cost, by resource type, US dollars a month. */
export interface StackCost {
  readonly stack: StackName;
  readonly total: number;
  /** Types that cost anything, the dearest first. */
  readonly types: readonly (readonly [type: string, dollars: number])[];
}

/** Configuration that a caller gives a stack beyond its EXAMPLE file. */
export type Configs = { readonly [S in StackName]?: Readonly<Record<string, unknown>> };

/** What each platform is made of. */
const PLATFORMS = {
  eks: stackNames,
  fargate: stackNames.filter((stack) => stack !== "cluster" && stack !== "clusterServices"),
} as const;
export type Platform = keyof typeof PLATFORMS;

/**
 * Runs all programs of a platform as their EXAMPLE files stand, each on what the ones before it published, and adds up what they
 * make. It knows list prices of one region and a month's assumed use (`prices.ts`), no discounts and no taxes.
 * @throws when a resource is neither priced nor known to be free.
 */
export async function estimate(
  profile: Profile,
  configs: Configs = {},
  platform: Platform = "eks",
): Promise<StackCost[]> {
  const outputs: Partial<Record<StackName, Readonly<Record<string, unknown>>>> = {};
  const costs: StackCost[] = [];
  for (const stack of PLATFORMS[platform]) {
    const secrets = [...configKeys(specs[stack])].filter(([key, { kind }]) => kind.secret && isRequired(stack, key));
    const run = await runStack(stack, {
      config: {
        profile,
        ...readExampleFile(stack).set,
        ...Object.fromEntries(secrets.map(([key, { kind }]) => [key, kind.example])),
        ...(stack === "service" && { platform }),
        ...configs[stack],
      },
      secrets: secrets.map(([key]) => key),
      upstream: outputs,
    });
    if (run.error) throw run.error;
    outputs[stack] = run.outputs;
    costs.push(costOf(stack, run.resources));
  }
  return costs;
}

/** Dollars a month of all stacks. */
export function total(costs: readonly StackCost[]): number {
  return costs.reduce((sum, cost) => sum + cost.total, 0);
}

/** Adds up one stack's resources. */
export function costOf(stack: StackName, resources: readonly Priceable[]): StackCost {
  const find = (type: string, name: string) => resources.find((one) => one.type === type && one.name === name);
  const types = new Map<string, number>();
  for (const resource of resources) {
    const { type, name } = resource;
    const price = priced[type];
    if (!price && !free.some((pattern) => pattern.test(type))) {
      throw new Error(
        `${contract[stack].folder} makes ${type} ${name}, which has no price: price it in tests/cost/rules.ts, or list it ` +
          `there as free`,
      );
    }
    types.set(type, (types.get(type) ?? 0) + (price?.(resource, find) ?? 0));
  }
  const costing = [...types].filter(([, dollars]) => dollars > 0).sort(([, a], [, b]) => b - a);
  return { stack, total: costing.reduce((sum, [, dollars]) => sum + dollars, 0), types: costing };
}

function isRequired(stack: StackName, key: string): boolean {
  const setting = specs[stack].settings[key];
  return setting !== undefined && !setting.optional && setting.default === undefined;
}
