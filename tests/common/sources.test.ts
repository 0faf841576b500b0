/** Rules about the sources themselves, where breaking one would pass every other test. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contract, stackNames } from "@selfhosted/common";

const root = path.resolve(__dirname, "../..");
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts"], { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n");
const folders: readonly string[] = stackNames.map((stack) => contract[stack].folder);
const product = tracked.filter((file) => [...folders, "common", "cli"].includes(file.split("/")[0] ?? ""));
const stacks = product.filter((file) => folders.includes(file.split("/")[0] ?? ""));

function lines(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${String(index + 1)}: ${line.trim()}`] : [])),
  );
}

describe("the sources", () => {
  it("never take an input through getOutput, which strips the property from a living resource when it is missing", () => {
    expect(lines(product, /\.(getOutput|getOutputValue)\(/)).toEqual([]);
  });

  it("reach another stack only through common/", () => {
    expect(lines(stacks, /StackReference|requireOutput/)).toEqual([]);
    expect(lines(stacks, /from ["'](\.\.\/)+0\d-/)).toEqual([]);
  });

  it("read configuration only in config.ts", () => {
    expect(lines(stacks, /new (pulumi\.)?Config\(|process\.env/)).toEqual([]);
  });

  it("make IAM roles and policies in 01-iam alone", () => {
    const others = stacks.filter((file) => !file.startsWith("01-iam/"));
    expect(lines(others, /new aws\.iam\.\w+\(/)).toEqual([]);
  });

  it("never write a partition into an ARN", () => {
    expect(lines(stacks, /["'`]arn:aws:/)).toEqual([]);
  });

  it("don't know the sandbox", () => {
    expect(lines(product, /sandbox|rehears/i)).toEqual([]);
  });
});
