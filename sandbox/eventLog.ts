import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** The parts of an engine event that are shown (pulumi/sdk/go/common/apitype/events.go). */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
}

/** One step of the engine on one resource. */
export interface StepMetadata {
  /** `create`, `update`, `same`, `delete`, `replace`, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** Milliseconds between two looks at the file. */
const LOOK_EVERY = 100;
const CHUNK = 256 * 1024;

/** Reads an engine's event log, one JSON object a line, while it is being written. `stop` reads what is left. */
export function followEvents(file: string, onEvent: (event: EngineEvent) => void): { stop(): void } {
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(CHUNK);
  let descriptor: number | undefined;
  let unfinished = "";
  const look = () => {
    try {
      descriptor ??= openSync(file, "r");
    } catch {
      return; // the engine has not made it yet
    }
    for (;;) {
      const length = readSync(descriptor, buffer, 0, CHUNK, null);
      if (length === 0) return;
      const lines = (unfinished + decoder.write(buffer.subarray(0, length))).split("\n");
      unfinished = lines.pop() ?? "";
      // Two thirds of a log are debug messages, which need no parsing.
      for (const line of lines)
        if (/"(resourcePre|resOutputs|summary)Event"/.test(line)) onEvent(JSON.parse(line) as EngineEvent);
    }
  };
  const timer = setInterval(look, LOOK_EVERY);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}
