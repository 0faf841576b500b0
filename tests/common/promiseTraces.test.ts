import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

const frame = (file: string | undefined) =>
  ({ getFileName: () => file, toString: () => `f (${String(file)}:1:1)` }) as unknown as NodeJS.CallSite;
const trace = (...files: (string | undefined)[]) => Error.prepareStackTrace(new Error("x"), files.map(frame)) as string;

describe("stack traces of a program", () => {
  beforeAll(() => {
    Error.prepareStackTrace = () => "mapped to the sources";
    jest.requireActual("@selfhosted/common/promiseTraces");
  });
  afterAll(() => {
    Reflect.deleteProperty(Error, "prepareStackTrace");
  });

  it("are mapped to the sources, so that an error says which line of a stack it comes from", () => {
    expect(trace("/stacks/08-service/config.ts", "/x")).toBe("mapped to the sources");
    expect(trace(undefined)).toBe("mapped to the sources");
  });

  it("aren't where Pulumi's runtime takes them of its promises, by the thousand", () => {
    const debuggable = jest.requireActual<object>("@pulumi/pulumi/runtime/debuggable");
    expect(Object.keys(debuggable)).toContain("debuggablePromise");
    const file = require.resolve("@pulumi/pulumi/runtime/debuggable");
    expect(trace(file, "/stacks/index.ts")).toBe(`Error: x\n    at f (${file}:1:1)\n    at f (/stacks/index.ts:1:1)`);
  });
});
