import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { followEvents, type EngineEvent } from "../../../sandbox/eventLog";

let scratch: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "events-"));
});

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const step = (urn: string) => JSON.stringify({ resOutputsEvent: { metadata: { op: "create", urn, type: "t" } } });

describe("following an engine's event log", () => {
  it("sees every event once, also one that is written in two halves and one just before the end", () => {
    const file = join(scratch, "events.json");
    const seen: EngineEvent[] = [];
    const log = followEvents(file, (event) => seen.push(event));
    const line = step("urn:größe");
    const half = line.indexOf("ö") + 1;
    appendFileSync(file, `${JSON.stringify({ diagnosticEvent: {} })}\n${line.slice(0, half)}`);
    appendFileSync(file, `${line.slice(half)}\n${step("urn:last")}\n`);
    log.stop();
    expect(seen.map((event) => event.resOutputsEvent?.metadata.urn)).toEqual(["urn:größe", "urn:last"]);
  });

  it("is content with an engine that wrote nothing", () => {
    const seen: EngineEvent[] = [];
    followEvents(join(scratch, "none"), (event) => seen.push(event)).stop();
    expect(seen).toEqual([]);
  });
});
