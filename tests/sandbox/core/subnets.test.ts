import { describe, expect, it } from "@jest/globals";
import { layOut } from "../../../sandbox/components/subnets";

const blocks = (...args: Parameters<typeof layOut>) => layOut(...args).map(({ cidrBlock }) => cidrBlock);

describe("subnets of awsx.ec2.Vpc", () => {
  it("divide the network evenly among zones, each block aligned to its size", () => {
    const specs = [
      { type: "Public", cidrMask: 24 },
      { type: "Private", cidrMask: 20 },
      { type: "Isolated", cidrMask: 24 },
    ];
    expect(blocks("10.0.0.0/16", ["a", "b", "c"], specs)).toEqual([
      ...["10.0.0.0/24", "10.0.16.0/20", "10.0.32.0/24"],
      ...["10.0.64.0/24", "10.0.80.0/20", "10.0.96.0/24"],
      ...["10.0.128.0/24", "10.0.144.0/20", "10.0.160.0/24"],
    ]);
  });

  it("share a zone's part evenly where no size is given", () => {
    expect(blocks("10.0.0.0/16", ["a", "b"], [{ type: "Private" }, { type: "Public" }])).toEqual([
      ...["10.0.0.0/18", "10.0.64.0/18"],
      ...["10.0.128.0/18", "10.0.192.0/18"],
    ]);
  });

  it("are refused when they don't fit, overlap or have one name", () => {
    const zones = ["a", "b"];
    expect(() => blocks("10.0.0.0/24", zones, [{ type: "Private", cidrMask: 24 }])).toThrow("too large for VPC");
    const explicit = { type: "Private", cidrBlocks: ["10.0.0.0/24", "10.0.0.0/25"] };
    expect(() => blocks("10.0.0.0/16", zones, [explicit])).toThrow("overlaps");
    expect(() => blocks("10.0.0.0/16", zones, [{ type: "Private" }, { type: "Private" }])).toThrow("unique names");
  });
});
