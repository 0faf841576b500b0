import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { halfWritten } from "../../cli/recover/fileBackend";

const WHOLE = '{"user.content_type":"application/json"}';

describe("a file backend that a killed engine left", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "selfhosted-backend-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function write(file: string, text: string): string {
    const whole = path.join(directory, ".pulumi", file);
    mkdirSync(path.dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  }

  it.each([
    "stacks/selfhosted-05-database/prod.json.attrs",
    "stacks/selfhosted-05-database/prod.json.gz.attrs",
    "stacks/prod.json.attrs",
    "locks/organization/selfhosted-05-database/prod/0b7e.json.attrs",
  ])("has %s, which stops every command", async (file) => {
    const broken = write(file, WHOLE.slice(0, 9));
    expect(await halfWritten(`file://${directory}`, "selfhosted-05-database", "prod")).toEqual([broken]);
    expect(await halfWritten(`file://${directory}?no_tmp_dir=true`, "selfhosted-05-database", "prod")).toEqual([
      broken,
    ]);
  });

  it("keeps what is whole, every state, and what belongs to other stacks", async () => {
    write("stacks/selfhosted-05-database/prod.json.attrs", WHOLE);
    write("stacks/selfhosted-05-database/prod.json", "");
    write("stacks/selfhosted-05-database/prod2.json.attrs", "");
    write("stacks/selfhosted-07-esc/prod.json.attrs", "");
    expect(await halfWritten(`file://${directory}`, "selfhosted-05-database", "prod")).toEqual([]);
  });

  it("isn't looked for behind other addresses", async () => {
    expect(await halfWritten("s3://bucket?region=us-east-1", "selfhosted-05-database", "prod")).toEqual([]);
  });
});
