import * as pulumi from "@pulumi/pulumi";

/** Everything wrong with one run's input, gathered so that the operator mends it in one go. */
export class Problems {
  private readonly lines: string[] = [];

  add(problem: string): void {
    if (!this.lines.includes(problem)) this.lines.push(problem);
  }

  /**
   * Ends the program when anything was added: one clean error without a stack trace, before any resource is made.
   * @throws pulumi.RunError listing every problem.
   */
  throwIfAny(project: string): void {
    if (this.lines.length === 0) return;
    const count = this.lines.length === 1 ? "1 problem" : `${this.lines.length} problems`;
    const list = this.lines.map((line) => `  - ${line.replaceAll("\n", "\n    ")}`).join("\n");
    throw new pulumi.RunError(`${project}: ${count} with the configuration, nothing was made:\n${list}`);
  }
}

/** Shell form of a value, quoted where the shell would take it apart. */
export function shellQuoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Why a look-up failed, on one line, without the wrapping that Pulumi puts around AWS's own words. All of them: the AWS
 * provider begins with "1 error occurred:" and says which on the next line.
 */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^invocation of \S+ returned an error:/, "")
    .replace(/\s+/g, " ")
    .trim();
}
