import * as fs from "node:fs";
import * as path from "node:path";
import { migrate } from "../../schemas";
import type { Container } from "./kinds";

/** How a Job's pods or the containers of an image go wrong. */
export interface PodFault {
  /** `namespace/name` of a Job, or the beginning of it (for autonamed jobs). */
  readonly job?: string;
  /** The end of an image reference: `service:broken`. */
  readonly image?: string;
  /** For an image: `ErrImagePull`, `CrashLoopBackOff`, … A Job's pods end with `Error`. */
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
}

/**
 * Pods that fail on request, for tests and for trying things by hand: entries of the list in `<home>/faults.json` that
 * name a `job` or an `image`. Read at every pass of the controllers.
 * ```json
 * [{ "job": "pulumi/migrations", "exitCode": 1 }, { "image": "pulumi/service:broken", "reason": "CrashLoopBackOff" }]
 * ```
 */
export class PodFaults {
  private readonly faults: readonly PodFault[];

  constructor(private readonly home: string) {
    this.faults = readFile(path.join(home, "faults.json"));
  }

  ofJob(namespace: string | undefined, name: string): PodFault | undefined {
    return this.faults.find(({ job }) => job !== undefined && `${namespace ?? "default"}/${name}`.startsWith(job));
  }

  /** Runs a container to its end: only migrations do anything, and fail where nobody asked for it. */
  ofRun({ image = "", env = [] }: Container): PodFault | undefined {
    const message = migrate(this.home, image, new Map(env.map(({ name, value = "" }) => [name, value])));
    return message === undefined ? undefined : { message };
  }

  ofImage(reference: string): PodFault | undefined {
    return this.faults.find(({ image }) => image !== undefined && reference.endsWith(image));
  }
}

function readFile(file: string): readonly PodFault[] {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    return JSON.parse(text) as PodFault[];
  } catch (error) {
    throw new Error(`${file} is not a list of faults in JSON; correct or delete it.`, { cause: error });
  }
}
