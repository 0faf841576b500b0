import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findEngine, MINIMUM_VERSION, type Way } from "../../cli/engine";
import { buildGo, builtBefore } from "../../cli/engine/buildGo";
import { engineBuilt, engineFromGo, engineOnPath } from "../../cli/engine/finders";

let scratch: string;
let env: Record<string, string>;
const said: string[] = [];
const listen = (message: string) => {
  said.push(message);
};

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "engine-"));
  mkdirSync(join(scratch, "bin"));
  env = { PATH: join(scratch, "bin"), SELFHOSTED_CACHE: join(scratch, "cache") };
  said.length = 0;
});

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** A program on the test's PATH, made of the shell's own commands, for there is nothing else on it. */
function program(name: string, script: string): void {
  const path = join(scratch, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** A `go` that answers for its version, and "builds" a program that names itself, counting the builds. */
function fakeGo(before = ""): void {
  program(
    "go",
    `case "$1" in
      version) echo "go version go1.99.0 linux/amd64" ;;
      build)
        echo build >> "${scratch}/builds"
        echo "golang.org/x/some/package" >&2
        ${before}
        while [ "$1" != "-o" ]; do shift; done
        printf '#!/bin/sh\\necho v3.246.0\\n' > "$2"; /bin/chmod +x "$2" ;;
    esac`,
  );
}

/** How often `go build` ran. */
function builds(): number {
  return readFileSync(join(scratch, "builds"), "utf8").trim().split("\n").length;
}

describe("the engine on PATH", () => {
  it("is taken when its version fits and a Node language host is beside it", async () => {
    program("pulumi", "echo v3.250.1");
    program("pulumi-language-nodejs", "");
    const engine = await engineOnPath(listen, env);
    expect(engine).toEqual({ directory: join(scratch, "bin"), version: "3.250.1", origin: "pulumi on PATH" });
  });

  it("is refused when it is older than what was tried", async () => {
    program("pulumi", "echo v3.199.0");
    program("pulumi-language-nodejs", "");
    await expect(engineOnPath(listen, env)).rejects.toThrow(`is 3.199.0, and at least ${MINIMUM_VERSION} is needed`);
  });

  it("is refused when no Node language host comes with it", async () => {
    program("pulumi", "echo v3.250.1");
    await expect(engineOnPath(listen, env)).rejects.toThrow("has no pulumi-language-nodejs");
  });

  it("is refused when it isn't there", async () => {
    await expect(engineOnPath(listen, env)).rejects.toThrow("there is no `pulumi` on PATH");
  });
});

describe("the engine built from Go modules", () => {
  it("puts the engine and its language host into one folder", async () => {
    fakeGo();
    const engine = await engineFromGo(listen, env);
    expect(readdirSync(engine.directory).sort()).toEqual([
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-language-nodejs-host",
    ]);
    expect(engine.origin).toBe("built from Go modules");
    expect(builds()).toBe(3);
  });

  it("is found again, and not built again", async () => {
    fakeGo();
    await expect(engineBuilt(listen, env)).rejects.toThrow("not built yet");
    const first = await engineFromGo(listen, env);
    await expect(engineBuilt(listen, env)).resolves.toEqual(first);
    expect(builds()).toBe(3);
  });

  it("needs Go", async () => {
    await expect(engineFromGo(listen, env)).rejects.toThrow("there is no `go` on PATH");
  });
});

describe("findEngine", () => {
  const engine = { directory: "/engine", version: "3.246.0", origin: "built from Go modules" };
  const fails = (name: string, why: string): Way => ({ name, find: () => Promise.reject(new Error(why)) });

  it("takes the first way that works and says why not one before it", async () => {
    const ways = [
      fails("pulumi on PATH", "there is none"),
      { name: "built", find: () => Promise.resolve(engine) },
      fails("never", "reached"),
    ];
    await expect(findEngine(listen, ways)).resolves.toBe(engine);
    expect(said).toEqual(["pulumi 3.246.0, built from Go modules (pulumi on PATH: there is none)"]);
  });

  it("fails with one error that lists every way and says what to install", async () => {
    const ways = [
      fails("pulumi on PATH", "there is none"),
      fails("Pulumi's installer", "no network"),
      fails("Go", "no go"),
    ];
    await expect(findEngine(listen, ways)).rejects.toThrow(
      /pulumi on PATH: there is none[^]*Pulumi's installer: no network[^]*Go: no go[^]*Install the Pulumi CLI \(https:\/\/www\.pulumi\.com\/docs\/install\/\)/,
    );
  });
});

describe("buildGo", () => {
  const build = () => {
    const directory = join(scratch, "module");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "go.mod"), "module example\n");
    return { name: "tool", directory, package: "example.com/tool", why: "an example, seconds" };
  };

  it("tells what is being built, what for, and how far it is", async () => {
    fakeGo();
    await buildGo(build(), listen, env);
    expect(said[0]).toBe("building tool (an example, seconds): 0 s, 0 packages, now looking at modules");
    expect(said.at(-1)).toMatch(/^built tool in \d+ s$/);
  });

  it("builds once for two that ask at the same time", async () => {
    fakeGo("/bin/sleep 0.5");
    const [one, two] = await Promise.all([buildGo(build(), listen, env), buildGo(build(), listen, env)]);
    expect(one).toBe(two);
    expect(builds()).toBe(1);
    expect(said).toContain("tool: another process is building it, waiting");
  });

  it("builds anew when the module changes", async () => {
    fakeGo();
    const first = await buildGo(build(), listen, env);
    const changed = build();
    writeFileSync(join(changed.directory, "go.mod"), "module example\n\ngo 1.30\n");
    expect(await buildGo(changed, listen, env)).not.toBe(first);
  });

  it("leaves nothing behind when the build fails, and shows what the compiler said", async () => {
    fakeGo("echo 'main.go:1: no such thing' >&2; exit 1");
    await expect(buildGo(build(), listen, env)).rejects.toThrow(/failed:\n[^]*main\.go:1: no such thing/);
    await expect(builtBefore(build(), env)).resolves.toBeUndefined();
  });
});
