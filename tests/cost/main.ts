import Table from "cli-table3";
import { contract, stackNames } from "@selfhosted/common";
import { estimate, total, type StackCost } from "./estimate";

/** Columns of the table. */
const COLUMNS = [
  ["standard", "eks"],
  ["small", "eks"],
  ["standard", "fargate"],
  ["small", "fargate"],
] as const;

/** `npm run cost`: what the stacks cost by their defaults, a row a stack, a column a profile and platform. */
export async function main(): Promise<void> {
  const costs: StackCost[][] = [];
  for (const [profile, platform] of COLUMNS) costs.push(await estimate(profile, {}, platform));
  const table = new Table({
    head: ["stack", ...COLUMNS.map(([profile, platform]) => `${profile}, ${platform}`), "mostly"],
    colAligns: ["left", ...COLUMNS.map(() => "right" as const), "left"],
    style: { head: [], border: [] },
  });
  const dollars = (sum: number | undefined) => (sum === undefined ? "" : `$${sum.toFixed(0)}`);
  for (const stack of stackNames) {
    const own = costs.map((all) => all.find((cost) => cost.stack === stack));
    const mostly = own[0]?.types
      .slice(0, 3)
      .map(([type, part]) => `${type.split(":").at(-1) ?? type} ${dollars(part)}`);
    table.push([contract[stack].folder, ...own.map((cost) => dollars(cost?.total)), (mostly ?? []).join(", ")]);
  }
  table.push(["a month", ...costs.map((all) => dollars(total(all))), "us-east-1, on demand, 730 hours"]);
  process.stdout.write(
    `${table.toString()}\nPrices and assumed use: tests/cost/prices.ts. Not in it: nodes that Karpenter adds, and tasks that the load adds\n`,
  );
}
