import * as pulumi from "@pulumi/pulumi";
import { contract, outputSpecs } from "./contract";
import type { OutputKind, OutputName, OutputSpec, PossibleName, StackName } from "./contract";
import type { ValueOf } from "./kinds";
import { previousOutputs } from "./previous";

type Value<S extends StackName, K extends OutputName<S>> = pulumi.Input<ValueOf<OutputKind<S, K>>>;

/** What a stack must publish: every output of its contract but those of parts that are off, and nothing else. */
export type Published<S extends StackName> = {
  readonly [K in Exclude<OutputName<S>, PossibleName<S>>]: Value<S, K>;
} & { readonly [K in PossibleName<S>]?: Value<S, K> | undefined };

/**
 * A stack's entry point, `export = program("networking", async () => …)`: runs the body, which first reads its whole
 * configuration and then makes resources, and publishes what it returns. Secret outputs are made secret here, whatever
 * the body did. What is published is of a finished run: until everything is there, the outputs stay as they were, for the
 * next run and other stacks decide by them.
 * @throws Error when the body returns a value that the contract doesn't know, or leaves one out.
 */
export function program<S extends StackName>(
  stack: S,
  body: () => Promise<Published<S>>,
): () => Promise<Record<string, unknown>> {
  return async () => {
    const made: Made[] = [];
    pulumi.runtime.registerStackTransformation(({ resource, props }) => {
      made.push({ resource, inputs: props });
      return undefined;
    });
    const outputs = await body().catch((error: unknown) => {
      throw withoutScopeFrames(error);
    });
    const values: Readonly<Record<string, unknown>> = outputs;
    const specs = outputSpecs(stack);
    const wrong = [
      ...specs
        .filter(([name, spec]) => values[name] === undefined && spec.madeWith === undefined)
        .map(([name]) => `${name} is missing`),
      ...Object.keys(values)
        .filter((name) => !specs.some(([known]) => known === name))
        .map((name) => `${name} is not in the contract`),
    ];
    if (wrong.length > 0) throw new Error(`${contract[stack].folder} breaks its contract: ${wrong.join(", ")}`);
    if (pulumi.runtime.isDryRun() || (await allThere(made))) return withSecrets(specs, values);
    await pulumi.log.warn(
      "not every resource was brought up, so the outputs stay as they were; run `pulumi up` for all",
    );
    return withSecrets(specs, await previousOutputs());
  };
}

/** A resource that the program asked for. */
interface Made {
  readonly resource: pulumi.Resource;
  readonly inputs: pulumi.Inputs;
}

/**
 * Waits for every resource: when one fails, the engine ends the program here. It goes on only where it was told to leave
 * resources out (`--target`) or to go on (`--continue-on-error`); what it then didn't make or change has unknown outputs,
 * and the answer is false.
 * @throws Error that an input of one ended with; such a resource is never asked for, and there would be no end of waiting.
 */
async function allThere(made: readonly Made[]): Promise<boolean> {
  const known = await Promise.all(
    made.map(async ({ resource, inputs }) => {
      await pulumi.runtime.serializeProperties("inputs", inputs);
      const outputs = Object.entries(resource).filter(([, value]) => pulumi.Output.isInstance(value));
      const state = await pulumi.runtime.serializeProperties("outputs", Object.fromEntries(outputs));
      return !JSON.stringify(state).includes(pulumi.runtime.unknownValue);
    }),
  );
  return known.every((isKnown) => isKnown);
}

function withSecrets(specs: [string, OutputSpec][], values: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    specs
      .filter(([name]) => values[name] !== undefined)
      .map(([name, { kind }]) => [name, kind.secret ? pulumi.secret(values[name]) : values[name]]),
  );
}

/**
 * Pulumi colours every error that ends a program with `util.inspect`, and Node 20's never ends (it fills gigabytes first)
 * on a frame whose path stops right after a scope, as source maps give for the SDK's own: `node_modules/@pulumi/resource.ts`.
 */
function withoutScopeFrames(error: unknown): unknown {
  if (error instanceof Error && error.stack !== undefined) {
    error.stack = error.stack.replaceAll(/\n {4}at .*node_modules[/\\]@[^/\\]+[/\\][^/\\]+$/gm, "");
  }
  return error;
}
