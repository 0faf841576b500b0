import { sandboxHome } from "./home";
import { stopAll } from "./kubernetes/clusters";
import { stopDaemon } from "./plugins";

/** Ends every process of the sandbox; what it holds stays, and the next `pulumi` starts what it needs. */
export async function stopSandbox(home: string): Promise<void> {
  await stopDaemon(home);
  // A daemon that was killed leaves its clusters running.
  await stopAll(home);
}

/** `npm run sandbox:stop`. */
export async function main(): Promise<void> {
  await stopSandbox(sandboxHome());
  console.log("The sandbox is stopped. Its world is kept: `npm start` or any `pulumi` command goes on with it.");
}
