import * as pulumi from "@pulumi/pulumi";
import { distance } from "fastest-levenshtein";
import { parseArn } from "./kinds";
import type { Kind } from "./kinds";
import { shellQuoted, type Problems } from "./problems";

/** Where and as whom the program runs, to judge ARNs against. */
export interface Caller {
  /** Of the user, or of the session of a role. */
  readonly arn: string;
  /** Twelve digits. */
  readonly account: string;
  /** `aws`, `aws-us-gov`, `aws-cn`, …. */
  readonly partition: string;
  readonly region: string;
}

/** Says why a parsed value isn't of its kind, or lives where it can't be used; `undefined` when it is fine. */
export function refusal(kind: Kind<unknown>, value: unknown, caller: Caller): string | undefined {
  const parsed = kind.schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? `[${issue.path.join(".")}] ` : "";
    return where + (issue?.message ?? `must be ${kind.form}`);
  }
  const rules = kind.arn;
  if (!rules) return undefined;
  for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const arn = typeof one === "string" ? parseArn(one) : undefined;
    if (!arn) continue;
    if (arn.partition !== caller.partition && arn.account !== "aws") {
      return `is in partition ${arn.partition}, this account is in ${caller.partition}`;
    }
    if (rules.account === "own" && arn.account !== caller.account) {
      return `belongs to account ${arn.account}, this stack deploys to ${caller.account}`;
    }
    if (rules.region === "own" && arn.region !== caller.region) {
      return `is in region ${arn.region}, this stack deploys to ${caller.region}`;
    }
  }
  return undefined;
}

/**
 * This stack's own configuration, `<project>:<key>`, read once and checked by kind. Secrets must be stored as secrets.
 * Only `resolve.ts` makes one; a key that nothing asked for is reported by `reportUnknown`, for it is a misspelling.
 */
export class OwnConfig {
  private readonly known = new Set<string>();

  constructor(
    private readonly project: string,
    private readonly caller: Caller,
    private readonly problems: Problems,
  ) {}

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** Marks a key as one this stack may read, whether or not this run does. */
  know(key: string): void {
    this.known.add(key);
  }

  /** The value of a key, checked; `undefined` when it isn't set or was refused (which `problems` then says). */
  read(key: string, kind: Kind<unknown>): unknown {
    this.know(key);
    const raw = this.raw(key);
    if (raw === undefined) return undefined;
    if (kind.secret && !isStoredAsSecret(`${this.project}:${key}`)) {
      this.problems.add(
        `${key} is stored in plain text; run \`pulumi config set --secret ${key}\` and paste the value when asked`,
      );
      return undefined;
    }
    const value = kind.written === "json" ? parseJson(raw) : raw;
    const wrong = refusal(kind, value, this.caller);
    if (wrong !== undefined) {
      this.problems.add(`${key} ${wrong}; run \`${setCommand(key, kind)}\``);
      return undefined;
    }
    return value;
  }

  /** Reports keys under this project that the stack doesn't read, with the nearest one that it does. */
  reportUnknown(): void {
    const prefix = `${this.project}:`;
    for (const full of Object.keys(pulumi.runtime.allConfig())) {
      if (!full.startsWith(prefix)) continue;
      const key = full.slice(prefix.length);
      if (this.known.has(key)) continue;
      const nearest = [...this.known].sort((a, b) => distance(a, key) - distance(b, key))[0];
      const hint = nearest !== undefined && distance(nearest, key) <= 3 ? `did you mean ${nearest}? ` : "";
      this.problems.add(`${key} is not a key of this stack; ${hint}run \`pulumi config rm ${key}\``);
    }
  }

  private raw(key: string): string | undefined {
    const value = pulumi.runtime.getConfig(`${this.project}:${key}`);
    return value === "" ? undefined : value;
  }
}

/** A value as the program gets it: a secret `Output` when its kind is secret, else as it is. */
export function keptSecret(kind: Kind<unknown>, value: unknown): unknown {
  return kind.secret && value !== undefined ? pulumi.secret(value) : value;
}

/** The command that sets a key to a value of its kind. */
export function setCommand(key: string, kind: Kind<unknown>): string {
  if (kind.secret) return `pulumi config set --secret ${key}`;
  const example = typeof kind.example === "string" ? kind.example : JSON.stringify(kind.example);
  return `pulumi config set ${key} ${shellQuoted(example)}`;
}

/**
 * Whether the key was set with `--secret`. The SDK exports this function but keeps it out of its typings
 * (pulumi/sdk/nodejs/runtime/config.ts, marked internal); `get` and `getSecret` can't tell the two apart.
 */
function isStoredAsSecret(fullKey: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(fullKey);
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}
