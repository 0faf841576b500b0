import Table from "cli-table3";
import { contract } from "@selfhosted/common";
import { estimate, total } from "./estimate";

/** `npm run cost`: what the nine stacks cost by their defaults, a row a stack, a column a profile. */
export async function main(): Promise<void> {
  const [standard, small] = [await estimate("standard"), await estimate("small")];
  const table = new Table({
    head: ["stack", "standard", "small", "mostly"],
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  const dollars = (sum: number | undefined) => (sum === undefined ? "" : `$${sum.toFixed(0)}`);
  standard.forEach(({ stack, total: sum, types }, index) => {
    const mostly = types.slice(0, 3).map(([type, part]) => `${type.split(":").at(-1) ?? type} ${dollars(part)}`);
    table.push([contract[stack].folder, dollars(sum), dollars(small[index]?.total), mostly.join(", ")]);
  });
  table.push(["a month", dollars(total(standard)), dollars(total(small)), "us-east-1, on demand, 730 hours"]);
  process.stdout.write(`${table.toString()}\nPrices and assumed use: tests/cost/prices.ts\n`);
}
