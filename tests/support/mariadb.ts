/**
 * A real server and client of the MySQL protocol: MariaDB, from PATH or else from Debian's packages, which are fetched
 * through the machine's own mirror and unpacked in the user's cache, without root and without installing anything.
 * Proof limit: Debian has no MySQL; what only MySQL knows (`--ssl-mode`, caching_sha2_password) isn't judged here.
 */
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDirectory } from "@selfhosted/cli/engine";
import { reason } from "@selfhosted/cli/reason";
import { freePorts } from "../../sandbox/kubernetes/processes";
import { makeLocallySigned, makeRequest, makeSelfSigned } from "../../sandbox/tls/certificates";
import type { Properties } from "../../sandbox/provider/types";

/** Milliseconds for a program to end (of those that fetch some 8 MB: for all tries), and for a server to answer. */
const TIMEOUT = 90_000;
/** A mirror is asked three times, and has ten seconds to answer; a machine without one doesn't wait for long. */
const ACQUIRE = ["-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"];

/** MariaDB's programs: `<prefix>/bin/mariadb`, `<prefix>/sbin/mariadbd`, and where libraries that came with them are. */
export interface Programs {
  readonly prefix: string;
  readonly libraries: readonly string[];
}

/** The programs, or why there are none. */
export function findMariadb(): Programs | { readonly missing: string } {
  const installed = process.env["PATH"]?.split(delimiter).find((folder) => existsSync(join(folder, "mariadbd")));
  const onPath = installed && { prefix: dirname(installed), libraries: [] };
  if (onPath && works(onPath)) return onPath;
  const cached = join(cacheDirectory(), "mariadb");
  try {
    if (!existsSync(cached) || !works(unpacked(cached))) fetchPackages(cached);
    return unpacked(cached);
  } catch (error) {
    return { missing: `there is no MariaDB on PATH, and Debian's packages can't be fetched: ${reason(error)}` };
  }
}

function unpacked(folder: string): Programs {
  const libraries = ["lib", "usr/lib"]
    .map((name) => join(folder, name))
    .flatMap((name) => (existsSync(name) ? readdirSync(name).map((member) => join(name, member)) : []))
    .filter((name) => name.endsWith("-linux-gnu"));
  return { prefix: join(folder, "usr"), libraries };
}

/** Not with packages of another release, whose libraries this machine no longer has. */
function works(programs: Programs): boolean {
  const env = environmentOf(programs);
  return (
    [serverOf(programs), clientOf(programs), installerOf(programs)].every(existsSync) &&
    [serverOf(programs), clientOf(programs)].every((file) => spawnSync(file, ["--version"], { env }).status === 0)
  );
}

const serverOf = ({ prefix }: Programs) => join(prefix, "sbin", "mariadbd");
const clientOf = ({ prefix }: Programs) => join(prefix, "bin", "mariadb");
const installerOf = ({ prefix }: Programs) => join(prefix, "bin", "mariadb-install-db");
const environmentOf = ({ libraries }: Programs) => ({ ...process.env, LD_LIBRARY_PATH: libraries.join(":") });

/** Unpacks beside the folder and moves it there when it is whole. */
function fetchPackages(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    // What an installation would bring, as apt works it out; what the machine has already isn't in it.
    const plan = execute("apt-get", [
      ...["--simulate", "--no-install-recommends", "install"],
      ...["mariadb-server-core", "mariadb-client-core"],
    ]);
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? "");
    execute("apt-get", [...ACQUIRE, "download", ...packages], unfinished);
    for (const file of readdirSync(unfinished).filter((name) => name.endsWith(".deb"))) {
      execute("dpkg-deb", ["-x", file, "."], unfinished);
      rmSync(join(unfinished, file));
    }
    if (!works(unpacked(unfinished))) throw new Error(`mariadbd of ${packages.join(", ")} doesn't start`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } catch (error) {
    // Another run of the tests was faster.
    if (!existsSync(folder) || !works(unpacked(folder))) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** @throws with the last thing that the program said. */
function execute(program: string, args: readonly string[], cwd?: string, env = process.env): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd, env: { ...env, LC_ALL: "C" } },
    encoding: "utf8",
    timeout: TIMEOUT,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
  return stdout;
}

/** A server on loopback in a folder of its own, with a certificate that its own authority has signed. */
export interface Database {
  readonly port: number;
  /** PEM certificate of the authority. */
  readonly authority: string;
  /** A folder of the server's, gone with it. */
  readonly folder: string;
  /** Runs SQL as root, who needs no password. @returns rows, columns between tabs. */
  root(sql: string): string;
  /** Shell script that takes a `mysql` command line and hands it to MariaDB's client. */
  readonly clientScript: string;
  /** Starts the server anew; as itself when it isn't given a version to show. */
  restart(version?: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param version - what `SELECT VERSION()` answers. */
export async function startDatabase(programs: Programs, version: string): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "mariadb-"));
  const env = environmentOf(programs);
  const data = [
    ...["--no-defaults", `--basedir=${programs.prefix}`, `--datadir=${join(folder, "data")}`],
    // Root has to say as whom the server runs.
    ...[`--user=${userInfo().username}`, "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=8M"],
  ];
  const [port = 0] = await freePorts(1);
  const login = ["--no-defaults", "--host=127.0.0.1", `--port=${port}`, "--user=root", "--skip-column-names"];
  const root = (sql: string) =>
    execute(clientOf(programs), [...login, "--batch", `--execute=${sql}`], folder, env).trim();
  let halt = (): Promise<unknown> => Promise.resolve();
  const start = async (shown?: string) => {
    const server = spawn(
      "/bin/sh",
      [
        // However the tests end, this input ends with them; nothing in the server is worth a clean end.
        ...[
          "-c",
          '"$0" "$@" </dev/null & server=$!; read -r end; kill -9 "$server"; wait "$server"',
          serverOf(programs),
        ],
        ...[...data, "--bind-address=127.0.0.1", `--port=${port}`, "--skip-name-resolve"],
        ...[`--socket=${join(folder, "socket")}`, `--pid-file=${join(folder, "pid")}`],
        ...[`--ssl-ca=${join(folder, "ca.pem")}`, `--ssl-cert=${join(folder, "server.pem")}`],
        ...[`--ssl-key=${join(folder, "server-key.pem")}`, `--log-error=${join(folder, "log")}`],
        ...(shown === undefined ? [] : [`--version=${shown}`]),
      ],
      { env, stdio: ["pipe", "ignore", "ignore"] },
    );
    const ended = new Promise((resolve) => server.once("close", resolve));
    halt = () => {
      server.stdin.end();
      return ended;
    };
    const end = Date.now() + TIMEOUT;
    while (!answers()) {
      if (Date.now() > end) throw new Error(`mariadbd doesn't start:\n${readFileSync(join(folder, "log"), "utf8")}`);
      await sleep(50);
    }
  };
  const answers = () => {
    try {
      return root("SELECT 1") === "1";
    } catch {
      return false;
    }
  };
  const stop = async () => {
    await halt();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const authority = await writeCertificates(folder);
    const once = ["--auth-root-authentication-method=normal", "--skip-test-db", "--force"];
    execute(installerOf(programs), [...data, ...once], folder, env);
    await start(version);
    const clientScript = clientScriptOf(programs);
    return { port, authority, folder, root, clientScript, stop, restart: (shown) => halt().then(() => start(shown)) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * MariaDB's client has other words for MySQL's `--ssl-mode`, and refuses that one. Given an authority, it checks the
 * chain without being told to.
 */
function clientScriptOf(programs: Programs): string {
  return `#!/bin/sh
for argument; do
  shift
  case $argument in
    --ssl-mode=PREFERRED) set -- "$@" --ssl --skip-ssl-verify-server-cert ;;
    --ssl-mode=VERIFY_CA) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
LD_LIBRARY_PATH='${programs.libraries.join(":")}' exec '${clientOf(programs)}' --no-defaults "$@"
`;
}

/** An authority that vouches for a server until the tests are over, both as PEM. */
export async function makeAuthority(): Promise<{ readonly certificate: string; readonly key: string }> {
  const key = newKey();
  const { properties } = await makeSelfSigned({
    privateKeyPem: key,
    subject: { commonName: "Database authority" },
    validityPeriodHours: 1,
    isCaCertificate: true,
    allowedUses: ["cert_signing"],
  });
  return { certificate: pemOf(properties), key };
}

/** Writes `ca.pem`, `server.pem` and `server-key.pem`. @returns the authority's certificate. */
async function writeCertificates(folder: string): Promise<string> {
  const [authority, serverKey] = [await makeAuthority(), newKey()];
  const { properties: request } = await makeRequest({
    privateKeyPem: serverKey,
    subject: { commonName: "database" },
    ipAddresses: ["127.0.0.1"],
  });
  const { properties: server } = await makeLocallySigned({
    certRequestPem: request["certRequestPem"] ?? "",
    caCertPem: authority.certificate,
    caPrivateKeyPem: authority.key,
    validityPeriodHours: 1,
    allowedUses: ["digital_signature", "server_auth"],
  });
  writeFileSync(join(folder, "ca.pem"), authority.certificate);
  writeFileSync(join(folder, "server.pem"), pemOf(server));
  writeFileSync(join(folder, "server-key.pem"), serverKey, { mode: 0o600 });
  return authority.certificate;
}

function pemOf({ certPem }: Properties): string {
  return typeof certPem === "string" ? certPem : "";
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
