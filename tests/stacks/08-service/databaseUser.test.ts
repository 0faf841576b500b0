import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { DATABASE_USER_SCRIPT } from "../../../08-service/databaseUser";

const ENVIRONMENT = {
  DATABASE_HOST: "db.example.com",
  DATABASE_PORT: "3307",
  DATABASE_NAME: "pulumi",
  DATABASE_OWNER: "owner",
  API_USERNAME: "pulumi_api",
  API_PASSWORD: "Api0Password",
  MYSQL_PWD: "Owner0Password",
};

/** Runs the Job's own script with a `mysql` that notes what it is called with and what it is told. */
describe("08-service: the script that makes the API's database user", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "database-user-"));
    const client = join(folder, "mysql");
    writeFileSync(
      client,
      `#!/bin/sh
case "$*" in
  *VERSION*) echo "\${VERSION-8.0.39}"; exit ;;
  *sql_mode*) echo "\${SQL_MODE-ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES}"; exit ;;
  *SCHEMATA*) echo "\${SCHEMA-pulumi}"; exit ;;
esac
printf '%s\\n' "$@" > ${folder}/arguments
cat > ${folder}/sql
exit \${EXIT:-0}
`,
    );
    chmodSync(client, 0o755);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function run(more: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", DATABASE_USER_SCRIPT], {
      env: { PATH: `${folder}:/usr/bin:/bin`, TMPDIR: folder, ...ENVIRONMENT, ...more },
      encoding: "utf8",
    });
    const told = (file: string) =>
      existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim().split("\n") : [];
    return { status, stdout, stderr, arguments: told("arguments"), sql: told("sql") };
  }

  it("logs in as the owner and gives the user rows, not the schema (issue 77, B14)", () => {
    const { status, arguments: given, sql } = run();
    expect(status).toBe(0);
    expect(given).toEqual([
      "--host=db.example.com",
      "--port=3307",
      "--user=owner",
      "--connect-timeout=10",
      "--ssl-mode=PREFERRED",
    ]);
    expect(sql).toEqual([
      "CREATE USER IF NOT EXISTS 'pulumi_api'@'%' IDENTIFIED BY 'Api0Password';",
      "ALTER USER 'pulumi_api'@'%' IDENTIFIED BY 'Api0Password' REQUIRE NONE;",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `pulumi`.* TO 'pulumi_api'@'%';",
    ]);
  });

  it("with a CA checks the server and makes TLS a condition of the user's", () => {
    const { arguments: given, sql } = run({ DATABASE_CA_CERTIFICATE: "-----BEGIN CERTIFICATE-----\nca" });
    expect(given).toEqual(expect.arrayContaining(["--ssl-mode=VERIFY_CA", `--ssl-ca=${folder}/database-ca.pem`]));
    expect(sql[1]).toContain("REQUIRE SSL;");
  });

  it("shows no password, neither in its output nor in the client's arguments", () => {
    const { stdout, arguments: given } = run();
    expect(stdout).toBe("user pulumi_api may read and write pulumi\n");
    expect([stdout, ...given].join()).not.toMatch(/Password/);
  });

  it.each([
    [
      "a mode that isn't strict (installers#1239)",
      { SQL_MODE: "NO_ENGINE_SUBSTITUTION" },
      /has sql_mode 'NO_ENGINE_SUBST.+ need STRICT_TRANS_TABLES in it: add it in the parameter group/,
    ],
    ["no mode at all", { SQL_MODE: "" }, /has sql_mode ''/],
    ["another version", { VERSION: "5.7.44-log" }, /is version 5.7.44-log, and the service needs MySQL 8.0/],
    ["no schema", { SCHEMA: "" }, /has no schema pulumi: run CREATE DATABASE pulumi/],
  ])("stops before it changes anything at a server with %s, and says what to do", (_what, server, says) => {
    const { status, stderr, sql } = run(server);
    expect(status).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).toContain("then run `pulumi up` again");
    expect(sql).toEqual([]);
  });

  it("fails when the client fails, so that the rollout stops", () => {
    expect(run({ EXIT: "1" }).status).not.toBe(0);
  });
});
