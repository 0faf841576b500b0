import { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { ConstructResponse, type ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import { DependencyProviderResource, DependencyResource } from "@pulumi/pulumi/resource";
import { setAllConfig } from "@pulumi/pulumi/runtime/config";
import { serializeResourceProperties } from "@pulumi/pulumi/runtime/rpc";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Map as ProtobufMap } from "google-protobuf";
import { runtime } from "./runtime";

/** The component itself, which its children name as their parent. */
export class ComponentRoot extends pulumi.ComponentResource {
  constructor(type: string, name: string, options: pulumi.ComponentResourceOptions) {
    super(type, name, {}, options);
  }

  /** Never ends: the SDK would register an empty list of outputs right after it, and `publish` would come too late. */
  protected override initialize(): Promise<never> {
    return new Promise(() => undefined);
  }

  /** Puts the outputs into the engine's state, where another component finds them by this one's URN. */
  publish(outputs: pulumi.Inputs): void {
    this.registerOutputs(outputs);
  }
}

/** A component that was made. */
export interface Component {
  readonly resource: ComponentRoot;
  /** Its outputs, by the names in the package's schema. */
  readonly state: pulumi.Inputs;
}

/** Makes a component of one type. */
export type ComponentFactory = (
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
) => Component | Promise<Component>;

/** Ends the construction whose promise was rejected without anybody waiting for it. */
const constructions = new AsyncLocalStorage<(error: unknown) => void>();
process.on("unhandledRejection", (reason) => constructions.getStore()?.(reason));

/**
 * Runs a component's program against the engine that asked for it.
 * @param engine Address of the engine's own service, for log messages.
 * @throws Error the program's, or that of one of its resources.
 */
export function construct(
  factory: ComponentFactory,
  request: ConstructRequest,
  engine: string,
): Promise<ConstructResponse> {
  return new Promise((resolve, reject) => {
    constructions.run(reject, () => {
      runtime.withLocalStorage(() => run(factory, request, engine)).then(resolve, reject);
    });
  });
}

async function run(factory: ComponentFactory, request: ConstructRequest, engine: string): Promise<ConstructResponse> {
  resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engine,
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  await runtime.awaitFeatureSupport();
  setAllConfig(Object.fromEntries(entriesOf(request.getConfigMap())), request.getConfigsecretkeysList());
  const inputs = await runtime.deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
  const { resource, state } = await factory(request.getName(), inputs, optionsOf(request));
  resource.publish(state);

  const response = new ConstructResponse();
  response.setUrn(await valueOf(resource.urn));
  const [serialized, dependencies] = await serializeResourceProperties(request.getType(), state);
  response.setState(Struct.fromJavaScript(serialized as Record<string, JavaScriptValue>));
  for (const [property, resources] of dependencies) {
    const urns = new ConstructResponse.PropertyDependencies();
    urns.setUrnsList(await Promise.all([...resources].map((dependency) => valueOf(dependency.urn))));
    response.getStatedependenciesMap().set(property, urns);
  }
  await runtime.waitForRPCs();
  return response;
}

function optionsOf(request: ConstructRequest): pulumi.ComponentResourceOptions {
  const providers = entriesOf(request.getProvidersMap()).map(([name, reference]): [string, pulumi.ProviderResource] => [
    name,
    new DependencyProviderResource(reference),
  ]);
  return {
    aliases: request.getAliasesList().flatMap((alias) => (alias.hasUrn() ? [alias.getUrn()] : [])),
    dependsOn: request.getDependenciesList().map((urn) => new DependencyResource(urn)),
    protect: request.getProtect(),
    providers: Object.fromEntries(providers),
    parent: request.getParent() ? new DependencyResource(request.getParent()) : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    customTimeouts: request.getCustomtimeouts()?.toObject(),
    retainOnDelete: request.getRetainondelete(),
  };
}

function entriesOf(map: ProtobufMap<string, string>): [string, string][] {
  return [...(map.entries() as unknown as Iterable<[string, string]>)];
}

function valueOf(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => output.apply(resolve));
}
