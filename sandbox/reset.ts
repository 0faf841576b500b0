import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sandboxHome } from "./home";
import { forgetRehearsalConfigs } from "./rehearsalConfig";
import { stopSandbox } from "./stop";

/** `npm run sandbox:reset`: ends what runs and forgets the world, the stacks and the rehearsal's configuration. */
export async function main(): Promise<void> {
  const home = sandboxHome();
  await stopSandbox(home);
  forgetRehearsalConfigs(home);
  for (const entry of readdirSync(home)) rmSync(join(home, entry), { recursive: true, force: true });
  console.log("The sandbox is empty. `npm start` begins anew.");
}
