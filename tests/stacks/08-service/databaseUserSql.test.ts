import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { findMariadb, makeAuthority, startDatabase, type Database } from "../../support/mariadb";
import { environmentOf, podOf, runService } from "./run";

const VERSION = "8.0.44";
const STRICT = "STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY";
/** To a GRANT, `_` stands for any character: the neighbour is what a right on `pulumi_prod` must not reach. */
const [SCHEMA, NEIGHBOUR] = ["pulumi_prod", "pulumiXprod"];
/** Quotes, a backslash, and what a shell, printf and SQL's LIKE would read as their own. */
const hard = (word: string) => `${word}'"\\\\'$(id)\`$HOME %s%n;-- #`;
const OWNER_PASSWORD = hard("Owner");
/** What RDS lets a master user have that matters here: no SUPER, and rights to hand on. */
const OWNER_RIGHTS = `SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, RELOAD, PROCESS, SHOW DATABASES,
  CREATE USER, TRIGGER, EVENT`;
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

const programs = findMariadb();
const about = "08-service: the database user's SQL, on a real server";
// A title is what `npm test` shows of tests that it had to leave out.
const suite: (tests: () => void) => void =
  "missing" in programs
    ? (tests) => {
        describe.skip(`${about}: ${programs.missing}`, tests);
      }
    : (tests) => {
        describe(about, tests);
      };

/** The Job's own command, from the stack's resources, on a real server. */
suite(() => {
  let database: Database;
  let command: readonly string[];
  let environment: Record<string, string>;
  let apiPassword: string;

  beforeAll(async () => {
    if ("missing" in programs) return;
    database = await startDatabase(programs, VERSION);
    const run = await runService(
      {},
      {
        upstream: {
          database: {
            databasePort: database.port,
            databaseName: SCHEMA,
            databaseUsername: "owner",
            databasePassword: OWNER_PASSWORD,
            databaseCaCertificate: database.authority,
          },
        },
      },
    );
    command = podOf(run, "pulumi-database-user").spec.containers[0]["command"] as string[];
    const { plain, secret } = environmentOf(run, "pulumi-database-user");
    environment = { ...plain, ...secret, DATABASE_HOST: "127.0.0.1" };
    apiPassword = secret["API_PASSWORD"] ?? "";
    makePrograms();
    database.root(`CREATE USER owner@'%' IDENTIFIED BY ${quoted(OWNER_PASSWORD)};
      GRANT ${OWNER_RIGHTS} ON *.* TO owner@'%' WITH GRANT OPTION`);
  });
  afterAll(() => database.stop());

  beforeEach(() => {
    rmSync(join(database.folder, "calls"), { force: true });
    database.root(`SET GLOBAL sql_mode = '${STRICT}'; DROP USER IF EXISTS pulumi_api@'%';
      CREATE OR REPLACE DATABASE ${SCHEMA}; CREATE TABLE ${SCHEMA}.stacks (name VARCHAR(64));
      CREATE OR REPLACE DATABASE ${NEIGHBOUR}; CREATE TABLE ${NEIGHBOUR}.stacks (name VARCHAR(64))`);
  });

  /** All that the script finds on its PATH. Each writes down how it is called, as a process list would show it. */
  function makePrograms() {
    mkdirSync(join(database.folder, "bin"));
    const noted = (name: string, script: string) => {
      const note = `#!/bin/sh\nprintf '%s\\n' "$0 $*" >> '${join(database.folder, "calls")}'\n`;
      writeFileSync(join(database.folder, "bin", name), script.replace("#!/bin/sh\n", note), { mode: 0o755 });
    };
    noted("mysql", database.clientScript);
    noted("sed", `#!/bin/sh\nexec /bin/sed "$@"\n`);
  }

  function run(more: Record<string, string> = {}) {
    const [shell = "", ...rest] = command;
    const { status, stdout, stderr } = spawnSync(shell, rest, {
      env: { PATH: join(database.folder, "bin"), TMPDIR: database.folder, ...environment, ...more },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  /** Runs SQL as the API would: with its own name and password, over TLS unless told otherwise. */
  function asApi(sql: string, password = apiPassword, mode = ["--ssl-mode=PREFERRED"]) {
    const { status, stdout, stderr } = spawnSync(
      join(database.folder, "bin", "mysql"),
      [
        ...["--host=127.0.0.1", `--port=${database.port}`, `--user=${environment["API_USERNAME"] ?? ""}`, ...mode],
        ...["--batch", "--skip-column-names", `--execute=${sql}`],
      ],
      { env: { PATH: "/usr/bin:/bin", MYSQL_PWD: password }, encoding: "utf8" },
    );
    return status === 0 ? stdout.trim() : stderr.trim();
  }

  const ROWS = `INSERT INTO ${SCHEMA}.stacks VALUES ('a'), ('b'); UPDATE ${SCHEMA}.stacks SET name = 'c' WHERE name = 'a';
    DELETE FROM ${SCHEMA}.stacks WHERE name = 'b'; SELECT name FROM ${SCHEMA}.stacks`;
  const made = () => database.root("SHOW CREATE USER pulumi_api@'%'; SHOW GRANTS FOR pulumi_api@'%'");
  const users = () => database.root("SELECT COUNT(*) FROM mysql.user WHERE User = 'pulumi_api'");

  it("makes a user that logs in with its password and works with rows", () => {
    expect(run()).toEqual({ status: 0, stdout: `user pulumi_api may read and write ${SCHEMA}\n`, stderr: "" });
    expect(asApi(ROWS)).toBe("c");
    expect(asApi("SELECT 1", "wrong")).toMatch(/ERROR 1045/);
  });

  it.each([
    ["drop the schema", `DROP DATABASE ${SCHEMA}`],
    ["change a table", `ALTER TABLE ${SCHEMA}.stacks ADD COLUMN more INT`],
    ["make a table", `CREATE TABLE ${SCHEMA}.more (name INT)`],
    ["drop a table", `DROP TABLE ${SCHEMA}.stacks`],
    ["empty a table behind the rows' back", `TRUNCATE TABLE ${SCHEMA}.stacks`],
    ["read a schema whose name only looks alike", `SELECT * FROM ${NEIGHBOUR}.stacks`],
    ["write to it", `INSERT INTO ${NEIGHBOUR}.stacks VALUES ('a')`],
    ["read who has which password", "SELECT * FROM mysql.user"],
    ["look at others' rights", "SHOW GRANTS FOR owner@'%'"],
    ["hand on its rights", `GRANT SELECT ON ${SCHEMA}.stacks TO owner@'%'`],
    ["make users", "CREATE USER other@'%'"],
    ["change another's password", "SET PASSWORD FOR owner@'%' = PASSWORD('Other-1')"],
    ["make a schema", "CREATE DATABASE more"],
    ["change the server", "SET GLOBAL sql_mode = ''"],
    ["write files on the server", "SELECT 1 INTO OUTFILE '/tmp/never'"],
  ])("makes a user that can't %s", (_what, sql) => {
    expect(run().status).toBe(0);
    // 1044, 1045, 1142, 1227, 1410: access denied, in one way or another; any other error would prove nothing.
    expect(asApi(sql)).toMatch(/^(-+\n.+\n-+\n+)?ERROR (1044|1045|1142|1227|1410) /s);
  });

  it("makes a user that sees its own processes and no schema but its own", () => {
    run();
    expect(asApi("SHOW DATABASES").split("\n").sort()).toEqual(["information_schema", SCHEMA]);
    expect(asApi("SELECT DISTINCT USER FROM INFORMATION_SCHEMA.PROCESSLIST")).toBe("pulumi_api");
  });

  it("with an authority refuses the user without TLS", () => {
    expect(run().status).toBe(0);
    expect(asApi("SELECT 1", apiPassword, ["--skip-ssl"])).toMatch(/ERROR 1045/);
    expect(asApi("SHOW STATUS LIKE 'Ssl_cipher'")).toMatch(/^Ssl_cipher\t\w+/);
  });

  it("tells no password to a server that another authority vouches for", async () => {
    const { status, stderr } = run({ DATABASE_CA_CERTIFICATE: (await makeAuthority()).certificate });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/ERROR 2026 .+TLS/);
    expect(users()).toBe("0");
  });

  it("without an authority lets the user in without TLS, and takes that back later", () => {
    expect(run({ DATABASE_CA_CERTIFICATE: "" }).status).toBe(0);
    expect(asApi("SELECT 1", apiPassword, ["--skip-ssl"])).toBe("1");
    expect(run().status).toBe(0);
    expect(asApi("SELECT 1", apiPassword, ["--skip-ssl"])).toMatch(/ERROR 1045/);
  });

  it("changes nothing when it runs again", () => {
    run();
    const before = made();
    expect(before).toContain(" REQUIRE SSL");
    expect(run().status).toBe(0);
    expect(made()).toBe(before);
    expect(users()).toBe("1");
  });

  it("gives the user a new password, after which the old one no longer works", () => {
    run();
    expect(run({ API_PASSWORD: "Another0Password" }).status).toBe(0);
    expect(asApi("SELECT 1", "Another0Password")).toBe("1");
    expect(asApi("SELECT 1")).toMatch(/ERROR 1045/);
  });

  it("takes any password as it is, and shows none: not in its output, nor to a process list", () => {
    const password = hard("Api");
    const { status, stdout, stderr } = run({ API_PASSWORD: password });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const calls = readFileSync(join(database.folder, "calls"), "utf8");
    expect(calls).toMatch(/mysql --host=127.0.0.1 /);
    for (const secret of ["Owner'", "Api'"]) expect(stdout + stderr + calls).not.toContain(secret);
    expect(asApi(ROWS, password)).toBe("c");
  });

  it.each([
    [
      "a mode that isn't strict",
      "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'",
      /has sql_mode 'NO_ENGINE_SUBSTITUTION', /,
    ],
    ["no schema", `DROP DATABASE ${SCHEMA}`, /has no schema pulumi_prod: run CREATE DATABASE pulumi_prod, then run/],
  ])("stops at a server with %s, says what to do and makes no user", (_what, sql, says) => {
    database.root(sql);
    const { status, stdout, stderr } = run();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(says);
    expect(stderr).toContain("then run `pulumi up` again");
    expect(users()).toBe("0");
  });

  it("fails when the owner can't log in, and says why, without a password", () => {
    const { status, stderr } = run({ MYSQL_PWD: "Wrong0Password" });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/ERROR 1045 .+Access denied for user 'owner'/);
    expect(stderr).not.toContain("Wrong0Password");
  });

  it("stops at a server of another kind", async () => {
    await database.restart();
    try {
      const { status, stderr } = run();
      expect(status).toBe(1);
      expect(stderr).toMatch(/is version [\d.]+-MariaDB.*, and the service needs MySQL 8.0: give it another database/);
      expect(users()).toBe("0");
    } finally {
      await database.restart(VERSION);
    }
  });
});
