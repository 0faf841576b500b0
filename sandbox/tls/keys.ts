import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  type KeyObject,
} from "node:crypto";
import type { Existing, Properties } from "../provider/types";

/** What keys are made of unless told otherwise (registry: tls.PrivateKey). */
export const KEY_DEFAULTS: Properties = { rsaBits: 2048, ecdsaCurve: "P224" };

const CURVES: Readonly<Record<string, string>> = { P224: "secp224r1", P256: "P-256", P384: "P-384", P521: "P-521" };

/** The WebCrypto algorithm a key signs with, by its type and, for elliptic curves, its curve. */
function signingAlgorithm(key: KeyObject): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (key.asymmetricKeyType === "ed25519") return { name: "Ed25519", namedCurve: "Ed25519" };
  const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
  const namedCurve = curves[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (!namedCurve) throw new Error("certificates can be signed with ECDSA keys on the curves P256, P384 and P521");
  return { name: "ECDSA", namedCurve };
}

/** Makes a key pair. The OpenSSH forms are left out: nothing here signs in by SSH. */
export function makePrivateKey(inputs: Properties): Existing {
  const key = generate(inputs);
  const isEd25519 = key.asymmetricKeyType === "ed25519";
  const pkcs8 = key.export({ type: "pkcs8", format: "pem" });
  const pem =
    key.asymmetricKeyType === "rsa"
      ? key.export({ type: "pkcs1", format: "pem" })
      : key.export({ type: isEd25519 ? "pkcs8" : "sec1", format: "pem" });
  const publicKey = createPublicKey(key);
  const id = createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  return {
    id,
    properties: {
      ...inputs,
      privateKeyPem: pem.toString(),
      privateKeyPemPkcs8: pkcs8.toString(),
      publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    },
  };
}

function generate(inputs: Properties): KeyObject {
  switch (inputs["algorithm"]) {
    case "RSA":
      return generateKeyPairSync("rsa", { modulusLength: Number(inputs["rsaBits"]) }).privateKey;
    case "ECDSA": {
      const wanted = inputs["ecdsaCurve"];
      const namedCurve = typeof wanted === "string" ? CURVES[wanted] : undefined;
      if (!namedCurve) throw new Error(`ecdsaCurve must be one of ${Object.keys(CURVES).join(", ")}`);
      return generateKeyPairSync("ec", { namedCurve }).privateKey;
    }
    case "ED25519":
      return generateKeyPairSync("ed25519").privateKey;
    default:
      throw new Error("algorithm must be one of RSA, ECDSA, ED25519");
  }
}

/** The name the provider gives a key's algorithm. */
export function algorithmOf(pem: string): string {
  const names: Readonly<Record<string, string>> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
  return names[createPrivateKey(pem).asymmetricKeyType ?? ""] ?? "RSA";
}

/** A key pair as the certificate library takes it. */
export interface SigningKeys {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly signingAlgorithm: { readonly name: string; readonly hash: string };
}

/** @param pem PKCS #1, SEC 1 or PKCS #8. */
export async function keyPair(pem: string): Promise<SigningKeys> {
  const key = createPrivateKey(pem);
  const algorithm = signingAlgorithm(key);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  ]);
  return { keys: { privateKey, publicKey }, signingAlgorithm: { name: algorithm.name, hash: "SHA-256" } };
}
