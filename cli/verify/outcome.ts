import { reason } from "../reason";

/** How one check ended. */
export interface Outcome {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What was seen, or why not. */
  readonly detail: string;
  /** What to do about a failure, with the command. */
  readonly remedy?: string;
}

/** One thing to be seen for oneself. */
export interface Check {
  readonly name: string;
  /**
   * Looks, and tells what it saw.
   * @throws Failure when it isn't as it must be, Skipped when it can't be judged.
   */
  readonly look: () => Promise<string>;
}

/** Not as it must be: the cause, and what to do about it. */
export class Failure extends Error {
  constructor(
    cause: string,
    readonly remedy: string,
  ) {
    super(cause);
    this.name = "Failure";
  }
}

/** Not judged, and why. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** Carries a check out; whatever it throws is its outcome. */
export async function carryOut({ name, look }: Check): Promise<Outcome> {
  try {
    return { name, status: "passed", detail: await look() };
  } catch (error) {
    const detail = reason(error);
    if (error instanceof Skipped) return { name, status: "skipped", detail };
    const remedy =
      error instanceof Failure ? error.remedy : "this is a defect of the check; run it again, then report it";
    return { name, status: "failed", detail, remedy };
  }
}

/** What one look found, and others judge: it is looked once, and where it found nothing they are skipped. */
export function lookOnce<T>(name: string, find: () => Promise<{ readonly found: T; readonly detail: string }>) {
  let looking: ReturnType<typeof find> | undefined;
  const look = () => (looking ??= find());
  const first: Check = { name, look: async () => (await look()).detail };
  const judged = (check: string, judge: (found: T) => string): Check => ({
    name: check,
    look: async () => {
      const seen = await look().catch(() => undefined);
      if (!seen) throw new Skipped(`not tried, because of "${name}"`);
      return judge(seen.found);
    },
  });
  return { first, judged };
}
