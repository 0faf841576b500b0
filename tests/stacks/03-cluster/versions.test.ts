import { describe, expect, it } from "@jest/globals";
import { supportOf } from "../../../03-cluster/versions";

describe("the support of a Kubernetes version", () => {
  it.each([
    ["1.30", "2026-11-21", "none"],
    ["1.33", "2026-07-28", "standard"],
    ["1.33", "2026-07-29", "extended"],
    ["1.33", "2027-07-29", "none"],
    ["1.34", "2026-12-01", "standard"],
    ["1.34", "2026-12-02", "extended"],
    ["1.99", "2026-11-21", "standard"],
  ])("of %s on %s is %s", (version, day, support) => {
    expect(supportOf(version, new Date(day))).toBe(support);
  });
});
