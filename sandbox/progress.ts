import type { Progress } from "@selfhosted/cli/engine";

/** Milliseconds between two lines on the same matter where lines can't be rewritten. */
const EVERY = 15_000;

/**
 * Progress as plain lines, for logs and pipes: a matter that is reported every second ("building pulumi: 3 s") is
 * printed when it comes up and then every quarter of a minute. `matter` is told by the words before the first bracket or colon.
 */
export function plainLines(write: (line: string) => void, now: () => number = Date.now): Progress {
  const last = new Map<string, number>();
  return (message) => {
    const matter = message.split(/[(:]/, 1)[0] ?? message;
    if (now() - (last.get(matter) ?? -Infinity) < EVERY) return;
    last.set(matter, now());
    write(message);
  };
}

/** How a rehearsal's tasks are listed: drawn where lines can be rewritten, else line by line; all are tried. */
export function listOptions(live: boolean) {
  return {
    renderer: "default",
    exitOnError: false,
    registerSignalListeners: false,
    fallbackRendererCondition: () => !live,
    fallbackRenderer: "simple",
    // What failed is told in full at the end.
    rendererOptions: { showErrorMessage: false },
  } as const;
}
