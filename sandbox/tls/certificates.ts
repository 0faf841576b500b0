import { randomBytes } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { algorithmOf, keyPair } from "./keys";
import { textOf } from "../provider/stateless";
import type { Existing, Properties, Value } from "../provider/types";

/** What certificates are made with unless told otherwise (registry: tls.SelfSignedCert). */
export const CERTIFICATE_DEFAULTS: Properties = {
  earlyRenewalHours: 0,
  isCaCertificate: false,
  setSubjectKeyId: false,
};

/** Of a certificate that signs itself; one that an authority signs always names its key. */
export const SELF_SIGNED_DEFAULTS: Properties = { ...CERTIFICATE_DEFAULTS, setAuthorityKeyId: false };

/** Object identifier of RFC 5280, section 4.2.1.6. */
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const HOUR_MS = 3600_000;

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};

/** Object identifiers of RFC 5280, section 4.2.1.12. */
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
};

/** A subject's parts, by the letters X.500 gives them. */
const NAME_PARTS: readonly (readonly [property: string, attribute: string])[] = [
  ["commonName", "CN"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["locality", "L"],
  ["province", "ST"],
  ["country", "C"],
];

/** `tls.SelfSignedCert`: a certificate signed with the key that it is for. */
export async function makeSelfSigned(inputs: Properties): Promise<Existing> {
  const pem = textOf(inputs, "privateKeyPem");
  const { keys, signingAlgorithm } = await keyPair(pem);
  const validity = validityOf(inputs);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subjectOf(inputs),
    keys,
    signingAlgorithm,
    ...validity,
    extensions: [...extensionsOf(inputs), ...alternativeNames(inputs)],
  });
  return existing(inputs, certificate, { keyAlgorithm: algorithmOf(pem) });
}

/** `tls.CertRequest`: what an authority is asked to sign. */
export async function makeRequest(inputs: Properties): Promise<Existing> {
  const pem = textOf(inputs, "privateKeyPem");
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(inputs),
    ...(await keyPair(pem)),
    extensions: alternativeNames(inputs),
  });
  const id = randomBytes(20).toString("hex");
  return {
    id,
    properties: { ...inputs, keyAlgorithm: algorithmOf(pem), certRequestPem: `${request.toString("pem")}\n` },
  };
}

/** `tls.LocallySignedCert`: a request signed by an authority whose key is given. */
export async function makeLocallySigned(inputs: Properties): Promise<Existing> {
  const request = new x509.Pkcs10CertificateRequest(textOf(inputs, "certRequestPem"));
  const authority = new x509.X509Certificate(textOf(inputs, "caCertPem"));
  const authorityPem = textOf(inputs, "caPrivateKeyPem");
  const { keys, signingAlgorithm } = await keyPair(authorityPem);
  const names = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: request.subject,
    issuer: authority.subject,
    publicKey: request.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm,
    ...validityOf(inputs),
    extensions: [
      ...extensionsOf(inputs),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(names ? [names] : []),
    ],
  });
  return existing(inputs, certificate, { caKeyAlgorithm: algorithmOf(authorityPem) });
}

/** Whether it is time to renew: `earlyRenewalHours` before the end. */
export function isOver(properties: Properties): boolean {
  const end = Date.parse(textOf(properties, "validityEndTime"));
  return Date.now() >= end - Number(properties["earlyRenewalHours"] ?? 0) * HOUR_MS;
}

function existing(inputs: Properties, certificate: x509.X509Certificate, more: Properties): Existing {
  const properties: Properties = {
    ...inputs,
    ...more,
    certPem: `${certificate.toString("pem")}\n`,
    readyForRenewal: false,
    validityStartTime: certificate.notBefore.toISOString(),
    validityEndTime: certificate.notAfter.toISOString(),
  };
  return { id: BigInt(`0x${certificate.serialNumber}`).toString(), properties };
}

function validityOf(inputs: Properties): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date();
  return { notBefore, notAfter: new Date(notBefore.getTime() + Number(inputs["validityPeriodHours"]) * HOUR_MS) };
}

/** 128 random bits, positive (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  return `0${randomBytes(16).toString("hex").slice(1)}`;
}

function extensionsOf(inputs: Properties): x509.Extension[] {
  const uses = listOf(inputs["allowedUses"]);
  const keyUses = uses.flatMap((use) => KEY_USAGES[use] ?? []);
  const extended = uses.flatMap((use) => EXTENDED_USAGES[use] ?? []);
  const isAuthority = inputs["isCaCertificate"] === true;
  const pathLength = inputs["maxPathLength"];
  return [
    new x509.BasicConstraintsExtension(isAuthority, typeof pathLength === "number" ? pathLength : undefined, true),
    ...(keyUses.length > 0 ? [new x509.KeyUsagesExtension(allOf(keyUses), true)] : []),
    ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
  ];
}

function allOf<Flag extends number>(flags: readonly Flag[]): Flag {
  return flags.reduce((all, flag) => (all | flag) as Flag);
}

function alternativeNames(inputs: Properties): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...listOf(inputs["dnsNames"]).map((value) => ({ type: "dns" as const, value })),
    ...listOf(inputs["ipAddresses"]).map((value) => ({ type: "ip" as const, value })),
    ...listOf(inputs["uris"]).map((value) => ({ type: "url" as const, value })),
  ];
  return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [];
}

function subjectOf(inputs: Properties): x509.JsonName {
  const subject = inputs["subject"];
  if (typeof subject !== "object" || subject === null || Array.isArray(subject)) return [];
  return NAME_PARTS.flatMap(([property, attribute]) => {
    const value = subject[property];
    return typeof value === "string" ? [{ [attribute]: [value] }] : [];
  });
}

function listOf(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}
