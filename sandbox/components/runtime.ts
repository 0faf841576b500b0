import type { Inputs } from "@pulumi/pulumi";
import * as providerServer from "@pulumi/pulumi/provider/server";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import type { Map as ProtobufMap } from "google-protobuf";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * What a component provider needs of the Pulumi Node.js runtime and the SDK's own provider server uses, but its public
 * typings leave out. That server isn't used whole because it serves one engine a process; here many engines construct
 * at once, each with a store of its own.
 */
interface Runtime {
  /** Runs with a fresh runtime (monitor, configuration, calls under way), apart from all others. */
  withLocalStorage<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Asks the engine what it supports; needed after `resetOptions`. */
  awaitFeatureSupport(): Promise<void>;
  /** Resolves once the engine's monitor has answered every call. */
  waitForRPCs(): Promise<void>;
  /** A component's inputs as its program would have them: outputs, secrets, resource references. */
  deserializeInputs(
    inputs: Struct | undefined,
    dependencies: ProtobufMap<string, ConstructRequest.PropertyDependencies>,
  ): Promise<Inputs>;
}

export const runtime: Runtime = {
  ...(state as unknown as Pick<Runtime, "withLocalStorage">),
  ...(settings as unknown as Pick<Runtime, "awaitFeatureSupport" | "waitForRPCs">),
  ...(providerServer as unknown as Pick<Runtime, "deserializeInputs">),
};
