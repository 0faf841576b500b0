import type { ConstructRequest, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";

/**
 * What a stand-in provider is: the small part of the Pulumi provider protocol that differs from one provider to the
 * next. `server.ts` speaks the protocol itself (gRPC, unknowns, secrets, property diffs) for all of them.
 */

/** A property value as it travels between engine and provider, secrets already unwrapped. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** The properties of one resource, named as in the TypeScript SDK (camelCase). */
export type Properties = Record<string, Value>;

/**
 * Stands where an input is not known yet (a preview, before the resource it comes from exists). Compared by identity of
 * the string, which is the engine's own sentinel (pulumi/sdk/go/common/resource/plugin/rpc.go, `UnknownStringValue`).
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One reason why inputs are refused, shown by the engine beside the property. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** Which resource an operation is about. */
export interface Identity {
  /** Full URN, e.g. `urn:pulumi:prod::selfhosted-02-networking::aws:ec2/vpc:Vpc::main`. */
  readonly urn: string;
  /** Type token, e.g. `aws:ec2/vpc:Vpc`. */
  readonly type: string;
  /** Logical name, the last part of the URN. */
  readonly name: string;
}

/** What one connected engine has configured (`aws:region`, a kubeconfig, …). Every connection has its own. */
export type Configuration = Properties;

/** Where the engine started the provider: relative paths among the options begin there. No option of any provider. */
export const FOLDER = "sandbox:folder";

/** How new inputs differ from what is there. */
export interface DiffResult {
  /** Top-level properties that changed. */
  readonly changed: string[];
  /** Those among them that AWS or Kubernetes can only change by making the object anew. */
  readonly replaces: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** What exists, as `create`, `update` and `read` report it. */
export interface Existing {
  readonly id: string;
  /** Inputs and computed outputs together. */
  readonly properties: Properties;
  /** From `read`: the inputs that would give this object, for `pulumi import` and `refresh`. To `diff`: the last inputs. */
  readonly inputs?: Properties;
}

/**
 * A stand-in provider. Every method may throw an `Error`; its message reaches the operator as the provider's own, so it
 * reads as AWS's or Kubernetes' error does and cites the rule.
 */
export interface Provider {
  /** Package name, e.g. `aws`. */
  readonly name: string;
  /** Version of the installed SDK, e.g. `7.48.0`. */
  readonly version: string;
  /** Properties that are always secret, by type token (e.g. `random:…:RandomPassword` → `result`). */
  secretsOf?(type: string): string[];
  /** Refuses configuration that AWS could not use (an unknown region, …). */
  configure?(configuration: Configuration): void;
  /** Configuration whose change means that every resource of this provider is made anew; none when left out. */
  diffConfiguration?(previous: Configuration, configuration: Configuration): string[];
  /** Fills in defaults and autonames, and lists everything wrong with the inputs. Unknown values are `UNKNOWN`. */
  check(
    resource: Identity,
    inputs: Properties,
    previous: Properties | undefined,
    configuration: Configuration,
    randomSeed: Buffer,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  /** `previous.inputs` are the inputs of the last deployment, `previous.properties` its outputs. */
  diff(
    resource: Identity,
    id: string,
    previous: Existing,
    inputs: Properties,
    configuration: Configuration,
  ): Promise<DiffResult>;
  /** During a preview nothing may change; returns what is known already, with `UNKNOWN` for the rest. */
  create(resource: Identity, inputs: Properties, preview: boolean, configuration: Configuration): Promise<Existing>;
  update(
    resource: Identity,
    id: string,
    previous: Properties,
    inputs: Properties,
    preview: boolean,
    configuration: Configuration,
  ): Promise<Existing>;
  /** `undefined` when the object no longer exists. `properties` and `inputs` (the last deployment's) are undefined on import. */
  read(
    resource: Identity,
    id: string,
    properties: Properties | undefined,
    configuration: Configuration,
    inputs?: Properties,
  ): Promise<Existing | undefined>;
  delete(resource: Identity, id: string, properties: Properties, configuration: Configuration): Promise<void>;
  invoke?(token: string, args: Properties, configuration: Configuration): Promise<Properties>;
  /** Runs a component's program (`awsx:ec2:Vpc`) against the engine at this address; only component packages have it. */
  construct?(request: ConstructRequest, engineAddress: string): Promise<ConstructResponse>;
  /** Ends what the provider runs besides itself (Kubernetes APIs), before the daemon ends. */
  stop?(): Promise<void>;
}
