import { status, type sendUnaryData, type ServerUnaryCall, type ServiceError } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { redact, toServiceError } from "./errors";
import {
  FOLDER,
  UNKNOWN,
  type CheckFailure,
  type Configuration,
  type Existing,
  type Identity,
  type Properties,
  type Provider,
} from "./types";
import { decode, encode, secretProperties, type SecretTemplate } from "./values";

/** What every request about one resource carries. */
interface ResourceRequest {
  getUrn(): string;
}

/**
 * Serves the engine's provider protocol (pulumi/proto/pulumi/provider.proto) for one engine connection, over any
 * {@link Provider}. It keeps what a connection is configured with, unwraps and re-wraps secrets, and turns thrown
 * errors into gRPC's.
 * @param engine Address of the engine's own service, `127.0.0.1:12345`; a handshake overrides it.
 * @param folder Where the engine started the provider.
 */
export function providerService(
  provider: Provider,
  engine?: string,
  folder?: string,
): Omit<IResourceProviderServer, "list"> {
  let configuration: Configuration = {};
  let engineAddress = engine ?? "";
  const takesReferences = provider.construct !== undefined;

  const alwaysSecret = (request: ResourceRequest): SecretTemplate =>
    secretProperties(provider.secretsOf?.(identityOf(request).type));

  return {
    handshake: unary((request: messages.ProviderHandshakeRequest) => {
      engineAddress = request.getEngineAddress();
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(takesReferences);
      response.setAcceptOutputs(takesReferences);
      return response;
    }),
    attach: unary((request: { getAddress(): string }) => {
      engineAddress = request.getAddress();
      return new Empty();
    }),
    getPluginInfo: unary(() => {
      const response = new PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    getSchema: unary(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: provider.name, version: provider.version }));
      return response;
    }),
    getMapping: unary(() => new messages.GetMappingResponse()),
    getMappings: unary(() => new messages.GetMappingsResponse()),
    cancel: unary(() => new Empty()),
    parameterize: unimplemented("Parameterize"),

    checkConfig: unary((request: messages.CheckRequest) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary((request: messages.DiffRequest) => {
      const [before, after] = [decode(request.getOldInputs() ?? request.getOlds()), decode(request.getNews())];
      const replaces = provider.diffConfiguration?.(before.values, after.values) ?? [];
      const response = new messages.DiffResponse();
      response.setChanges(
        JSON.stringify(before.values) === JSON.stringify(after.values)
          ? messages.DiffResponse.DiffChanges.DIFF_NONE
          : messages.DiffResponse.DiffChanges.DIFF_SOME,
      );
      response.setReplacesList(replaces);
      return response;
    }),
    configure: unary((request: messages.ConfigureRequest) => {
      configuration = { ...decode(request.getArgs()).values, ...(folder !== undefined && { [FOLDER]: folder }) };
      provider.configure?.(configuration);
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(takesReferences);
      response.setAcceptoutputs(takesReferences);
      response.setSupportspreview(true);
      return response;
    }),

    check: unary(async (request: messages.CheckRequest) => {
      const news = decode(request.getNews());
      const previous = unlessEmpty(decode(request.getOlds()).values);
      const seed = Buffer.from(request.getRandomseed_asU8());
      const checked = await withSecretsInErrors([news.secrets], () =>
        provider.check(identityOf(request), news.values, previous, configuration, seed),
      );
      const response = new messages.CheckResponse();
      response.setInputs(encode(checked.inputs, news.secrets, alwaysSecret(request)));
      response.setFailuresList(checked.failures.map((one) => failure(one, news.secrets)));
      return response;
    }),
    diff: unary(async (request: messages.DiffRequest) => {
      const previous: Existing = {
        id: request.getId(),
        properties: decode(request.getOlds()).values,
        inputs: decode(request.getOldInputs()).values,
      };
      const news = decode(request.getNews()).values;
      const result = await provider.diff(identityOf(request), request.getId(), previous, news, configuration);
      const response = new messages.DiffResponse();
      const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
      response.setChanges(result.changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList(result.changed);
      response.setReplacesList(result.replaces);
      response.setDeletebeforereplace(result.deleteBeforeReplace ?? false);
      return response;
    }),
    create: unary(async (request: messages.CreateRequest) => {
      const inputs = decode(request.getProperties());
      const created = await withSecretsInErrors([inputs.secrets, alwaysSecret(request)], () =>
        provider.create(identityOf(request), inputs.values, request.getPreview(), configuration),
      );
      const response = new messages.CreateResponse();
      // In a preview there is no id yet, and the engine takes an empty one for unknown.
      if (created.id !== UNKNOWN) response.setId(created.id);
      response.setProperties(encode(created.properties, inputs.secrets, alwaysSecret(request)));
      return response;
    }),
    update: unary(async (request: messages.UpdateRequest) => {
      const inputs = decode(request.getNews());
      const previous = decode(request.getOlds()).values;
      const updated = await withSecretsInErrors([inputs.secrets, alwaysSecret(request)], () =>
        provider.update(
          identityOf(request),
          request.getId(),
          previous,
          inputs.values,
          request.getPreview(),
          configuration,
        ),
      );
      const response = new messages.UpdateResponse();
      response.setProperties(encode(updated.properties, inputs.secrets, alwaysSecret(request)));
      return response;
    }),
    read: unary(async (request: messages.ReadRequest) => {
      const [state, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
      const resource = identityOf(request);
      const existing = await provider.read(
        resource,
        request.getId(),
        unlessEmpty(state.values),
        configuration,
        unlessEmpty(inputs.values),
      );
      const response = new messages.ReadResponse();
      // An empty id tells the engine that the object is gone.
      if (!existing) return response;
      const secrets = [state.secrets, inputs.secrets, alwaysSecret(request)];
      response.setId(existing.id);
      response.setProperties(encode(existing.properties, ...secrets));
      response.setInputs(encode(existing.inputs ?? inputs.values, ...secrets));
      return response;
    }),
    delete: unary(async (request: messages.DeleteRequest) => {
      const properties = decode(request.getProperties()).values;
      await provider.delete(identityOf(request), request.getId(), properties, configuration);
      return new Empty();
    }),
    invoke: unary(async (request: messages.InvokeRequest) => {
      if (!provider.invoke) throw new Error(`the sandbox's ${provider.name} provider has no functions`);
      const args = decode(request.getArgs());
      const response = new messages.InvokeResponse();
      const returned = await provider.invoke(request.getTok(), args.values, configuration);
      response.setReturn(encode(returned, { tree: {}, strings: args.secrets.strings }));
      return response;
    }),
    construct: unary(async (request: messages.ConstructRequest) => {
      if (!provider.construct) throw new Error(`the sandbox's ${provider.name} provider has no components`);
      return provider.construct(request, engineAddress);
    }),
    call: unimplemented("Call"),
  };
}

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => void;

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): Handler<Request, Response> {
  return (call, reply) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => {
          reply(null, response);
        },
        (error: unknown) => {
          reply(isServiceError(error) ? error : toServiceError(error));
        },
      );
  };
}

function unimplemented<Request, Response>(method: string): Handler<Request, Response> {
  return (_call, reply) => {
    reply({ code: status.UNIMPLEMENTED, details: `${method} is not part of the sandbox` });
  };
}

/** Errors quote no secrets; an object that exists but isn't ready goes into the state with its secrets wrapped. */
async function withSecretsInErrors<Result>(secrets: SecretTemplate[], run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw Object.assign(new Error(), toServiceError(error, ...secrets));
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}

function identityOf(request: ResourceRequest): Identity {
  const urn = request.getUrn();
  // urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>; only the name may itself contain "::".
  const [, , types = "", ...name] = urn.split("::");
  return { urn, type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/** The engine sends an empty struct where there is nothing yet: a first check, an import. */
function unlessEmpty(properties: Properties): Properties | undefined {
  return Object.keys(properties).length > 0 ? properties : undefined;
}

function failure({ property, reason }: CheckFailure, secrets: SecretTemplate): messages.CheckFailure {
  const message = new messages.CheckFailure();
  message.setProperty(property);
  message.setReason(redact(reason, secrets));
  return message;
}
