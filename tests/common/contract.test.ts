import { describe, expect, it } from "@jest/globals";
import { contract, outputSpecs, stackNames } from "@selfhosted/common";

const all = stackNames.flatMap((stack) => outputSpecs(stack).map(([name, spec]) => ({ stack, name, spec })));

describe("the contract", () => {
  it("gives every output its own name, since a consumer's key doesn't say which stack it is from", () => {
    const names = all.filter(({ spec }) => !spec.informative).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("names folders in the order of deployment and projects after them", () => {
    const folders = stackNames.map((stack) => contract[stack].folder);
    expect(folders).toEqual([...folders].sort());
    for (const stack of stackNames) expect(contract[stack].project).toBe(`selfhosted-${contract[stack].folder}`);
  });

  it.each(all.map(({ stack, name, spec }) => [`${stack}.${name}`, spec] as const))(
    "%s: the example that errors and documentation show is valid",
    (_name, spec) => {
      expect(spec.kind.schema.safeParse(spec.kind.example).error).toBeUndefined();
    },
  );

  it("marks every password and kubeconfig as secret", () => {
    const unmarked = all.filter(
      ({ name, spec }) => /password|kubeconfig|secret$|privateKey/i.test(name) && !spec.kind.secret,
    );
    expect(unmarked).toEqual([]);
  });
});
