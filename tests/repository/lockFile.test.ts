import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";

interface Locked {
  readonly version?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(resolve(__dirname, "../../package-lock.json"), "utf8")) as {
  packages: Readonly<Record<string, Locked>>;
};

describe("package-lock.json", () => {
  // npm writes only what it could look up where it ran, and `npm ci` then refuses the file on every machine.
  it("names every optional package, also those for other operating systems", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry, so that everybody's own is asked", () => {
    const resolved = Object.values(packages).flatMap((entry) => ("resolved" in entry && !entry.link ? [entry] : []));
    expect(resolved).toEqual([]);
  });
});
