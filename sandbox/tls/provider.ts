import {
  CERTIFICATE_DEFAULTS,
  SELF_SIGNED_DEFAULTS,
  isOver,
  makeLocallySigned,
  makeRequest,
  makeSelfSigned,
} from "./certificates";
import { KEY_DEFAULTS, makePrivateKey } from "./keys";
import { statelessProvider, type StatelessType } from "../provider/stateless";
import type { Provider } from "../provider/types";
import { Typings } from "../provider/typings";

const TYPES: Readonly<Record<string, StatelessType>> = {
  "tls:index/privateKey:PrivateKey": {
    defaults: KEY_DEFAULTS,
    secrets: ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"],
    make: makePrivateKey,
  },
  "tls:index/selfSignedCert:SelfSignedCert": {
    defaults: SELF_SIGNED_DEFAULTS,
    secrets: ["privateKeyPem"],
    make: makeSelfSigned,
    isOver,
  },
  "tls:index/certRequest:CertRequest": { secrets: ["privateKeyPem"], make: makeRequest },
  "tls:index/locallySignedCert:LocallySignedCert": {
    defaults: CERTIFICATE_DEFAULTS,
    secrets: ["caPrivateKeyPem"],
    make: makeLocallySigned,
    isOver,
  },
};

/** Stand-in for the `tls` provider: real keys and certificates. @param cacheFolder See {@link Typings}. */
export function tlsProvider(version: string, cacheFolder?: string): Provider {
  return statelessProvider("tls", version, TYPES, new Typings("tls", cacheFolder), "sandbox/tls/provider.ts");
}
