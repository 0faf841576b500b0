import { describe, expect, it } from "@jest/globals";
import { diagnostics } from "../../../sandbox/rehearsalReport";

describe("what a failed stack shows", () => {
  it("is Pulumi's own diagnostics and counts, without progress and outputs", () => {
    const stdout = [
      "Updating (rehearsal):",
      "@ updating....",
      "Diagnostics:",
      "  aws:rds:Cluster (main):",
      "    error: no",
      "",
      "",
      "Outputs:",
      '    a: "b"',
      "    list: [",
      '        [0]: "c"',
      "    ]",
      "",
      "Resources:",
      "    1 errored",
      "",
    ].join("\n");
    expect(diagnostics({ code: 1, stdout, stderr: "" })).toBe(
      "Diagnostics:\n  aws:rds:Cluster (main):\n    error: no\n\nResources:\n    1 errored",
    );
  });

  it("is all that was said when there are no diagnostics", () => {
    expect(diagnostics({ code: 255, stdout: "", stderr: "error: the stack is currently locked\n" })).toBe(
      "error: the stack is currently locked",
    );
  });
});
