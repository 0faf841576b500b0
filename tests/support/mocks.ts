/**
 * Runs a stack's real program in this process under Pulumi's mocks and returns the graph it asked for. Proof limit: what
 * is asked of AWS and Kubernetes, not whether they accept it; the engine tests and the sandbox judge that.
 */
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import { contract, outputSpecs, stackNames, type StackName } from "@selfhosted/common";
import { computedOutputs, mockedInvoke } from "./mockedAws";

// A trace of every promise, each mapped to the sources by Jest, was two thirds of the tests' time.
Object.assign(debuggable, { debuggablePromise: (promise: unknown) => promise });

/** One resource that the program registered. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Inputs as the provider would get them; secrets unwrapped (see `secretInputs` for which they were). */
  readonly inputs: Record<string, unknown>;
  /** Inputs and what AWS computed. */
  readonly state: Record<string, unknown>;
  /** Inputs as JSON with every secret value masked: what would be readable in a state file. */
  readonly readable: string;
  /** Id of the provider given, when not the default one. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: string[];
  /** Undefined where the provider decides. */
  readonly deleteBeforeReplace: boolean | undefined;
  /** URNs' last parts, `type::name`, of what must be there first. */
  readonly dependsOn: string[];
}

export interface Run {
  readonly resources: Registered[];
  /** What the program published, outputs awaited, secrets unwrapped. */
  readonly outputs: Record<string, unknown>;
  /** Names of the published outputs that are secret. */
  readonly secretOutputs: string[];
  /** The error the program ended with, if it did. */
  readonly error: Error | undefined;
  /** Full names of the stacks that a StackReference was made to. */
  readonly references: string[];
  /** Tokens of the invokes made. */
  readonly invokes: string[];
  ofType(type: string): Registered[];
  /** The only resource of a type with this logical name. @throws when there is none or several. */
  one(type: string, name?: string): Registered;
}

export interface RunOptions {
  /** Own keys without the project prefix; lists and objects are written as JSON, as Pulumi does. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Keys of `config` stored with `--secret`, besides those whose name says so. */
  readonly secrets?: readonly string[];
  /** Keys of other namespaces, e.g. `aws:region` (default us-east-1); undefined removes one. */
  readonly providerConfig?: Readonly<Record<string, string | undefined>>;
  /** Outputs of upstream stacks over the contract's examples; `false`: the stack doesn't exist. */
  readonly upstream?: { readonly [S in StackName]?: Readonly<Record<string, unknown>> | false };
  /** Full names of upstream stacks besides `organization/<project>/<stack>`. */
  readonly otherStacks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly stack?: string;
  readonly preview?: boolean;
  /** Computed outputs by type token, over the built-in ones. */
  readonly computed?: Readonly<
    Record<string, (inputs: Record<string, unknown>, name: string) => Record<string, unknown>>
  >;
  /** Answers to invokes by token, over the built-in ones; a thrown error is AWS's refusal. */
  readonly invokes?: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;
  /** Account the caller belongs to. */
  readonly account?: string;
}

const SECRET_KEY = /password|secret|license|kubeconfig|privatekey|encryptionkey$|token$/i;

/** What every upstream stack publishes in a mocked run: the contract's own examples. */
export function exampleOutputs(stack: StackName): Record<string, unknown> {
  return Object.fromEntries(outputSpecs(stack).map(([name, spec]) => [name, spec.default ?? spec.kind.example]));
}

/** Runs the program in `contract[stack].folder`. */
export async function runStack(stack: StackName, options: RunOptions = {}): Promise<Run> {
  const { folder } = contract[stack];
  const load = async () => {
    const module = (await import(path.resolve(__dirname, "../..", folder, "index.ts"))) as { default: Program };
    return module.default;
  };
  // A stack that isn't there yet, unless a test says what it published the last time.
  return runProgram(contract[stack].project, load, { ...options, upstream: { [stack]: false, ...options.upstream } });
}

type Program = () => Promise<Record<string, unknown>>;

/** Runs any program as the given project. */
export async function runProgram(
  project: string,
  load: () => Program | Promise<Program>,
  options: RunOptions = {},
): Promise<Run> {
  const resources: Registered[] = [];
  const references: string[] = [];
  const invokes: string[] = [];
  const stackName = options.stack ?? "test";
  const stacks = upstreamStacks(stackName, options);

  const requests = new Map<string, Request>();
  configure(project, options);
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        const inputs = args.inputs as Record<string, unknown>;
        if (args.type === "pulumi:pulumi:Stack") return { id: "", state: {} };
        if (args.type === "pulumi:pulumi:StackReference") {
          const full = String(inputs["name"]);
          references.push(full);
          return { id: full, state: { name: full, outputs: stacks[full] ?? {}, secretOutputNames: [] } };
        }
        const computed = {
          ...computedOutputs(args.type, inputs, args.name),
          ...options.computed?.[args.type]?.(inputs, args.name),
        };
        const id = typeof computed["id"] === "string" ? computed["id"] : `${args.name}-id`;
        const state = { ...inputs, ...computed };
        const request = requests.get(`${args.type}::${args.name}`);
        resources.push({
          type: args.type,
          name: args.name,
          inputs: unwrapped(inputs) as Record<string, unknown>,
          state: unwrapped(state) as Record<string, unknown>,
          provider: args.provider ?? "",
          readable: JSON.stringify(request?.getObject()?.toJavaScript() ?? {}, maskSecrets),
          protect: isProtected(request, requests),
          retainOnDelete: request?.getRetainondelete() ?? false,
          ignoreChanges: request?.getIgnorechangesList() ?? [],
          deleteBeforeReplace: request?.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
          dependsOn: (request?.getDependenciesList() ?? []).map(lastPart),
        });
        return { id, state };
      },
      call(args) {
        const inputs = args.inputs as Record<string, unknown>;
        invokes.push(args.token);
        if (args.token === "pulumi:pulumi:readStackOutputs") {
          const full = String(inputs["name"]);
          const outputs = stacks[full];
          if (!outputs) throw refusal(args.token, `unknown stack "${full}"`);
          return { name: full, outputs, secretOutputNames: [] };
        }
        try {
          return options.invokes?.[args.token]?.(inputs) ?? mockedInvoke(args.token, inputs, options.account);
        } catch (error) {
          throw refusal(args.token, error instanceof Error ? error.message : String(error));
        }
      },
    },
    project,
    stackName,
    options.preview ?? false,
    "organization",
  );
  noteRequests(requests);

  let error: Error | undefined;
  let outputs: Record<string, unknown> = {};
  const secretOutputs: string[] = [];
  try {
    let published: Record<string, unknown> = {};
    let failure: Error | undefined;
    // As the engine's host runs it, below a root; the outputs are taken here, where secrets are still marked.
    await pulumi.runtime.runInPulumiStack(async () => {
      try {
        published = await (await load())();
      } catch (caught) {
        failure = caught instanceof Error ? caught : new Error(String(caught));
      }
      return {};
    });
    if (failure !== undefined) throw failure;
    for (const [name, value] of Object.entries(published)) {
      const output = pulumi.output(value);
      if (await pulumi.isSecret(output)) secretOutputs.push(name);
      outputs[name] = await promiseOf(output);
    }
  } catch (caught) {
    error = caught instanceof Error ? caught : new Error(String(caught));
    outputs = {};
  }
  await pulumi.runtime.disconnect();
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const one = (type: string, name?: string): Registered => {
    const found = ofType(type).filter((resource) => name === undefined || resource.name === name);
    const [first] = found;
    if (first && found.length === 1) return first;
    const there = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n  ");
    throw new Error(`${found.length} resources ${type} ${name ?? ""}; there are:\n  ${there}\n${error?.message ?? ""}`);
  };
  return { resources, outputs, secretOutputs, error, references, invokes, ofType, one };
}

/** What the mocks leave out of a registration: `RegisterResourceRequest`, as far as tests ask. */
interface Request {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): unknown } | undefined;
  getProtect(): boolean;
  getRetainondelete(): boolean | undefined;
  getParent(): string;
  getIgnorechangesList(): string[];
  getDeletebeforereplace(): boolean;
  getDeletebeforereplacedefined(): boolean;
  getDependenciesList(): string[];
}

/** As the engine has it: what is below a protected resource is protected too, whatever it says itself. */
function isProtected(request: Request | undefined, requests: ReadonlyMap<string, Request>): boolean {
  if (request === undefined) return false;
  return request.getProtect() || isProtected(requests.get(lastPart(request.getParent())), requests);
}

/** Type and name of a URN, `type::name`. */
function lastPart(urn: string): string {
  return urn.replace(/^.*::(?:.*\$)?([^:$]+:[^$]+::[^$]*)$/, "$1");
}

/** Notes each registration as it goes to the mocked engine. */
function noteRequests(requests: Map<string, Request>): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, callback: unknown): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.set(`${request.getType()}::${request.getName()}`, request);
    return register(request, callback);
  };
}

/** Pulumi's mark of a secret value. Source: pulumi/sdk/nodejs/runtime/rpc.ts, specialSecretSig. */
const SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270";

function maskSecrets(_key: string, value: unknown): unknown {
  const isSecret = typeof value === "object" && value !== null && Object.values(value).includes(SECRET_MARK);
  return isSecret ? "[secret]" : value;
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.some(([, one]) => one === SECRET_MARK)) return unwrapped((value as { value: unknown }).value);
  return Object.fromEntries(entries.map(([key, one]) => [key, unwrapped(one)]));
}

/** The engine hands a failed invoke's reason over in `details`, as gRPC does. */
function refusal(token: string, reason: string): Error {
  return Object.assign(new Error(reason), { details: `invocation of ${token} returned an error: ${reason}` });
}

function configure(project: string, options: RunOptions): void {
  const all: Record<string, string> = {};
  const secretKeys: string[] = [];
  const others: Record<string, string | undefined> = { "aws:region": "us-east-1", ...options.providerConfig };
  for (const [key, value] of Object.entries(others)) {
    if (value !== undefined) all[key] = value;
  }
  for (const [key, value] of Object.entries(options.config ?? {})) {
    const full = `${project}:${key}`;
    all[full] = typeof value === "string" ? value : JSON.stringify(value);
    if (options.secrets ? options.secrets.includes(key) : SECRET_KEY.test(key)) secretKeys.push(full);
  }
  pulumi.runtime.setAllConfig(all, secretKeys);
}

function upstreamStacks(stackName: string, options: RunOptions): Record<string, Readonly<Record<string, unknown>>> {
  const stacks: Record<string, Readonly<Record<string, unknown>>> = { ...options.otherStacks };
  for (const stack of stackNames) {
    const given = options.upstream?.[stack];
    if (given === false) continue;
    const named = stack === "iam" ? naming(stackName, options) : {};
    stacks[`organization/${contract[stack].project}/${stackName}`] = { ...exampleOutputs(stack), ...named, ...given };
  }
  return stacks;
}

/** 01-iam as it was run for this very installation. */
function naming(stackName: string, { config, providerConfig }: RunOptions): Record<string, unknown> {
  return {
    baseName: config?.["baseName"] ?? "pulumi",
    installation: config?.["installation"] ?? stackName,
    region: providerConfig?.["aws:region"] ?? "us-east-1",
  };
}

function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
