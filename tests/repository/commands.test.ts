import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { specs } from "@selfhosted/cli/specs";
import { configKeys, contract, stackNames } from "@selfhosted/common";

const root = join(__dirname, "..", "..");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs")).map((file) => join("docs", file)),
  ...stackNames.map((stack) => join(contract[stack].folder, "Pulumi.EXAMPLE.yaml")),
  // What errors tell people to run.
  ...[...stackNames.map((stack) => contract[stack].folder), "common", "cli"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
      .map((file) => join(folder, file)),
  ),
];

/** Keys that some stack reads, besides the AWS provider's own. */
const known = new Set(["aws:region", ...stackNames.flatMap((stack) => [...configKeys(specs[stack]).keys()])]);

describe("commands that people are told to run", () => {
  it.each(documents)("%s: set only keys that a stack reads", (file) => {
    // A command in an EXAMPLE's comment may go on in the next line.
    const text = readFileSync(join(root, file), "utf8").replaceAll(/\n *# ?/g, " ");
    const keys = [...text.matchAll(/pulumi config (?:set|rm|get)((?: --[a-z]+)*) +([A-Za-z][\w:-]*)/g)].map(
      ([, , key = ""]) => key,
    );
    expect(keys.filter((key) => !known.has(key.replace(/^selfhosted-\d\d-[a-z-]+:/, "")))).toEqual([]);
  });

  it("are found at all", () => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toMatch(/pulumi config set protect false/);
  });
});
