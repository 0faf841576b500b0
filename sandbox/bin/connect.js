// Finds the sandbox's daemon, or starts it. Plain JavaScript without dependencies: it is what every provider process of
// every `pulumi` command runs first, and a TypeScript loader would cost each of them half a second.
"use strict";
const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");

/** Long enough for a cold start on a very busy machine. */
const START_TIMEOUT_MS = 180_000;
const POLL_MS = 25;
/** The longest path a Unix socket may have on macOS, less its terminating zero (`sockaddr_un.sun_path`, 104 bytes). */
const LONGEST_SOCKET_PATH = 103;

function socketPath(home) {
  const usual = path.join(home, "daemon.sock");
  if (Buffer.byteLength(usual) <= LONGEST_SOCKET_PATH) return usual;
  const digest = createHash("sha256").update(home).digest("hex").slice(0, 16);
  return path.join(os.tmpdir(), `selfhosted-sandbox-${digest}.sock`);
}

/** Resolves to an open socket, or to undefined when no daemon listens. */
function connect(home) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath(home));
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", () => resolve(undefined));
  });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** True for the one process that may start the daemon now. A lock whose owner died, or that is too old, is void. */
function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  try {
    const owner = Number(fs.readFileSync(lock, "utf8"));
    const age = Date.now() - fs.statSync(lock).mtimeMs;
    // Just made, its owner's number may not be written yet.
    const dead = age > 1000 && !isAlive(owner);
    if (dead || age > START_TIMEOUT_MS) fs.rmSync(lock, { force: true });
  } catch {
    // Its owner removed it meanwhile.
  }
  return false;
}

function spawnDaemon(home) {
  const root = path.resolve(__dirname, "..", "..");
  const log = fs.openSync(path.join(home, "daemon.log"), "a", 0o600);
  // Requests leave much short-lived garbage: with a larger young generation less of it is copied around.
  const daemon = spawn(process.execPath, ["--max-semi-space-size=32", path.join(__dirname, "daemon.js"), home], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  daemon.unref();
  return daemon;
}

/** Resolves to a socket to the daemon of this home, which is started if none runs: once, however many ask. */
async function ensureDaemon(home) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const lock = path.join(home, "daemon.starting");
  for (;;) {
    const socket = await connect(home);
    if (socket) return socket;
    if (Date.now() > deadline) break;
    if (takeLock(lock)) {
      try {
        // Another process may have started it between the attempt above and the lock.
        const late = await connect(home);
        if (late) return late;
        let ended = false;
        spawnDaemon(home).once("exit", () => (ended = true));
        while (!ended && Date.now() < deadline) {
          const started = await connect(home);
          if (started) return started;
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
        break;
      } finally {
        fs.rmSync(lock, { force: true });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the sandbox did not start: see ${path.join(home, "daemon.log")}, or run \`npm run sandbox:reset\``);
}

/** Sends one request, a line of JSON, and resolves to the answer, one too. The socket stays open. */
function ask(socket, request) {
  return new Promise((resolve, reject) => {
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      received += chunk;
      const end = received.indexOf("\n");
      if (end < 0) return;
      const answer = JSON.parse(received.slice(0, end));
      if (answer.error) reject(new Error(answer.error));
      else resolve(answer);
    });
    socket.once("close", () => reject(new Error("the sandbox ended the connection: see its daemon.log")));
    socket.once("error", reject);
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

module.exports = { ask, connect, ensureDaemon, socketPath };
