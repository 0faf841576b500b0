import * as fs from "node:fs";
import * as path from "node:path";

/** How a container or Job goes wrong on request. */
export interface Fault {
  /** `ErrImagePull`, `CrashLoopBackOff`, `Error` (a Job's pod that fails) or `Pending` (never starts). */
  readonly reason: string;
  readonly message?: string;
  readonly exitCode?: number;
}

/**
 * Faults on request, for tests and for trying things by hand: `faults.json` in the sandbox's home, re-read at every pass.
 * ```json
 * { "kubernetes": { "jobs": { "pulumi/migrations": { "reason": "Error", "exitCode": 1 } },
 *                   "images": { "pulumi/service:broken": { "reason": "CrashLoopBackOff" } } } }
 * ```
 * A job is named `namespace/name` (a prefix is enough, for autonamed jobs), an image by the end of its reference.
 */
export class Faults {
  private readonly jobs: Readonly<Record<string, Fault>>;
  private readonly images: Readonly<Record<string, Fault>>;

  constructor(home: string) {
    const { kubernetes = {} } = readFile(path.join(home, "faults.json"));
    this.jobs = kubernetes.jobs ?? {};
    this.images = kubernetes.images ?? {};
  }

  ofJob(namespace: string | undefined, name: string): Fault | undefined {
    return Object.entries(this.jobs).find(([job]) => `${namespace ?? "default"}/${name}`.startsWith(job))?.[1];
  }

  ofImage(image: string): Fault | undefined {
    return Object.entries(this.images).find(([end]) => image.endsWith(end))?.[1];
  }
}

interface FaultsFile {
  kubernetes?: { jobs?: Record<string, Fault>; images?: Record<string, Fault> };
}

function readFile(file: string): FaultsFile {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return JSON.parse(text) as FaultsFile;
  } catch (error) {
    throw new Error(`${file} is not JSON; correct or delete it.`, { cause: error });
  }
}
