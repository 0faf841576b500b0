import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contract, stackNames } from "@selfhosted/common";
import { arnsMeet, list, policyFaults } from "../support/authorization";
import type { Registered } from "../support/mocks";
import { filledIn, neededByName } from "./names";
import { documentsOf, grants, MAX_CHARACTERS, policyOf } from "./policy";
import { places } from "./places";
import { askedBy, namedIn } from "./variants";

/**
 * `npm run policies` writes 01-iam/installerPolicy; every other run holds the files to what the stacks ask for. Proof
 * limit: that each call the tables name is allowed and no other; the tables themselves are read from the AWS provider.
 */
const folder = path.resolve(__dirname, "../../01-iam/installerPolicy");
const isWriting = process.env["INSTALLER_POLICIES"] === "write";

const filesOf = (stack: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.startsWith(`${stack}.`) && file.endsWith(".json"))
        .sort()
    : [];

/** What may be deleted only with the installation's tag must carry it. */
const isDeletedByTag = ({ type }: Registered) =>
  /^aws:(?:ec2\/(?:flowLog|launchTemplate|securityGroup|subnet|vpcEndpoint):|kms\/key:)|^awsx:ec2:Vpc$/.test(type);
const isTagged = ({ inputs }: Registered) =>
  (inputs["tags"] as Record<string, string> | undefined)?.["pulumi-selfhosted:installation"] === "pulumi-test";

const folders = stackNames.map((stack) => [contract[stack].folder, stack] as const);

describe.each(folders)("the variants of %s", (name, stack) => {
  it("make and look up all that the folder's sources name", async () => {
    const { tokens } = await askedBy(stack);
    // Otherwise: add a configuration that makes it to tests/installer/variants.ts.
    expect(namedIn(name).filter((token) => !tokens.includes(token))).toEqual([]);
  });
});

describe("the tables of tests/installer", () => {
  it("say where to add a type that they don't know", async () => {
    const { faults } = await policyOf(["aws:ec2/vpc:Vpc"]);
    expect(faults).toEqual([
      expect.stringMatching(/no entry for aws:ec2\/vpc:Vpc; add .* then run `npm run policies`/),
    ]);
  });

  it("name nothing that no stack makes or looks up", async () => {
    const asked = await Promise.all(stackNames.map((stack) => askedBy(stack)));
    const tokens = new Set(asked.flatMap((one) => one.tokens));
    expect(namedIn("common").filter((token) => !tokens.has(token))).toEqual([]);
    expect(Object.keys(grants).filter((token) => !tokens.has(token))).toEqual([]);
  });
});

describe.each(stackNames.map((stack) => [contract[stack].folder, stack] as const))(
  "the installer of %s",
  (name, stack) => {
    it("is allowed exactly what the folder's program asks of AWS", async () => {
      const { tokens, resources, errors } = await askedBy(stack);
      expect(errors).toEqual([]);
      const { statements, faults } = await policyOf(tokens);
      expect(faults).toEqual([]);
      expect(
        await policyFaults(
          statements,
          () => false,
          (type) => places[type]?.length === 0,
        ),
      ).toEqual([]);

      // Names are made in the programs and matched by patterns here: both must mean the same things.
      const isAllowed = ({ action, arn }: { action: string; arn: string }) =>
        statements.some(
          ({ Action, Resource }) =>
            list(Action).includes(action) && list(Resource).some((one) => one === "*" || arnsMeet(filledIn(one), arn)),
        );
      expect(neededByName(resources).filter((needed) => !isAllowed(needed))).toEqual([]);

      expect(resources.filter(isDeletedByTag).filter((resource) => !isTagged(resource))).toEqual([]);

      const documents = documentsOf(statements);
      const files = documents.map((_text, index) =>
        documents.length === 1 ? `${name}.json` : `${name}.${index + 1}.json`,
      );
      for (const text of documents) {
        expect(filledIn(JSON.stringify(JSON.parse(text)), "longest").length).toBeLessThanOrEqual(MAX_CHARACTERS);
        expect(filledIn(text)).not.toContain("__");
      }
      if (isWriting) {
        for (const file of filesOf(name)) rmSync(path.join(folder, file));
        documents.forEach((text, index) => {
          writeFileSync(path.join(folder, files[index] ?? ""), text);
        });
      }
      // Otherwise: run `npm run policies`, and look at what changed before you commit it.
      expect(filesOf(name)).toEqual(files);
      expect(files.map((file) => readFileSync(path.join(folder, file), "utf8"))).toEqual(documents);
    });
  },
);
