import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { reason } from "@selfhosted/cli/reason";
import type { Existing } from "./types";
import { encode, type SecretTemplate } from "./values";

/**
 * Thrown by `create` and `update` when the object exists but did not become ready (a Deployment whose pods never
 * start). The engine then keeps the object in its state, marked, and tries to mend it on the next `up`.
 */
export class InitializationError extends Error {
  override readonly name = "InitializationError";

  /** @param reasons One sentence each, printed one below the other. */
  constructor(
    message: string,
    readonly existing: Existing,
    readonly reasons: string[],
  ) {
    super(message);
  }
}

/** What gRPC sends back: the provider's message alone, without a stack trace. */
export function toServiceError(error: unknown, ...secrets: SecretTemplate[]): Partial<ServiceError> {
  const message = redact(reason(error), ...secrets);
  if (!(error instanceof InitializationError)) return { code: status.UNKNOWN, details: message };

  const failed = new ErrorResourceInitFailed();
  failed.setId(error.existing.id);
  failed.setProperties(encode(error.existing.properties, ...secrets));
  failed.setReasonsList(error.reasons);
  if (error.existing.inputs) failed.setInputs(encode(error.existing.inputs, ...secrets));
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const rich = new Status();
  rich.setCode(status.UNKNOWN);
  rich.setMessage(message);
  rich.addDetails(detail);
  // Go's gRPC, which the engine uses, reads error details from this header.
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}

/** Takes secrets out of a message that quotes inputs. */
export function redact(message: string, ...secrets: SecretTemplate[]): string {
  const strings = secrets.flatMap((template) => [...template.strings]);
  return strings.reduce((text, secret) => text.replaceAll(secret, "[secret]"), message);
}
