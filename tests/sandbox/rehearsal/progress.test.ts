import { describe, expect, it } from "@jest/globals";
import { plainLines } from "../../../sandbox/progress";

describe("progress as plain lines", () => {
  it("repeats a matter only every quarter of a minute, whatever its seconds say", () => {
    const lines: string[] = [];
    let now = 0;
    const say = plainLines(
      (line) => lines.push(line),
      () => now,
    );
    for (let second = 0; second <= 16; second += 1) {
      now = second * 1_000;
      say(`building pulumi (why): ${second} s`);
      if (second === 2) say("building etcd (why): 0 s");
    }
    expect(lines).toEqual(["building pulumi (why): 0 s", "building etcd (why): 0 s", "building pulumi (why): 15 s"]);
  });
});
