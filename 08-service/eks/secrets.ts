import { createHmac } from "node:crypto";
import path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Component } from "../components";
import type { ServiceConfig } from "../config";
import { keepInSecretsManager } from "../managedSecret";
import type { ClusterSecret, ManagedSecret, SecretSource } from "../secretSources";
import type { Place } from "./namespace";

type Values = Readonly<Record<string, pulumi.Input<string>>>;

/** What a component's Secret is made of. */
interface Parts {
  /** Values that this program has. */
  readonly values: Values;
  /** What the External Secrets Operator takes from Secrets Manager, which somebody else keeps there. */
  readonly managed: Readonly<Record<string, ManagedSecret>>;
}

/** A component's Secret, for its variables and files. */
export interface PodSecret {
  readonly dependsOn: readonly pulumi.Resource[];
  /** Changes with every value, so that pods roll; 12 hexadecimal digits that tell nothing about them. */
  readonly checksum: pulumi.Output<string>;
}

/** How often the operator looks whether a secret changed; one that this stack changes it takes at once. */
const REFRESH = "1h";

/** Makes a component's Secret; delivered by GitOps, as a reference to Secrets Manager, so that no file holds a value. */
export function makeSecret(
  config: ServiceConfig,
  place: Place,
  component: Component,
  salt: pulumi.Input<string>,
): PodSecret {
  const { name } = component;
  const parts = partsOf(component);
  const checksum = checksumOf(salt, { ...parts.values, ...mapped(parts.managed, (one) => JSON.stringify(one)) });
  if (config.settings.deliver === "gitops") {
    return { checksum, dependsOn: makeExternalSecret(config, place, name, parts, checksum) };
  }
  const secret = new k8s.core.v1.Secret(
    name,
    { metadata: place.metadata(name, name), type: "Opaque", stringData: pulumi.secret(parts.values) },
    place.after(),
  );
  return { checksum, dependsOn: [secret] };
}

/** Which Secret holds a variable or file of a component: its own, unless it is kept in another one of the namespace. */
export function keyOf(component: string, name: string, source?: SecretSource): ClusterSecret {
  return source && "secretName" in source ? source : { secretName: component, key: name };
}

function partsOf({ environment, files = {} }: Component): Parts {
  const named = Object.entries(files).map(([file, one]) => [path.basename(file), one] as const);
  const kept = [
    ...Object.entries(environment.kept),
    ...named.flatMap(([name, one]) => ("kept" in one ? [[name, one.kept] as const] : [])),
  ];
  return {
    values: {
      ...environment.secret,
      ...Object.fromEntries(named.flatMap(([name, one]) => ("value" in one ? [[name, one.value]] : []))),
    },
    managed: Object.fromEntries(kept.flatMap(([name, one]) => ("secretArn" in one ? [[name, one]] : []))),
  };
}

/**
 * The values in Secrets Manager, and an ExternalSecret that makes the Secret of them. The Secret is nobody's: it stays
 * when the ExternalSecret goes, so that pods survive a move to and from GitOps.
 */
function makeExternalSecret(
  config: ServiceConfig,
  place: Place,
  name: string,
  { values, managed }: Parts,
  checksum: pulumi.Output<string>,
): pulumi.Resource[] {
  const own = Object.keys(values).length > 0 ? keepInSecretsManager(config, name, values) : undefined;
  const data = [
    ...Object.keys(values).map((key) => ({ secretKey: key, remoteRef: { key: own?.secret.name, property: key } })),
    ...Object.entries(managed).map(([key, { secretArn, jsonKey }]) => ({
      secretKey: key,
      remoteRef: { key: secretArn, property: jsonKey },
    })),
  ];
  if (data.length === 0) return [];
  return [
    new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        // Another annotation makes the operator look at once.
        metadata: place.metadata(name, name, { "pulumi-selfhosted/secrets-checksum": checksum }),
        spec: {
          refreshInterval: REFRESH,
          secretStoreRef: { kind: "ClusterSecretStore", name: config.settings.gitopsSecretStore },
          target: { name, creationPolicy: "Orphan", deletionPolicy: "Retain" },
          data,
        },
      },
      place.after(own ? [own.version] : []),
    ),
  ];
}

function checksumOf(salt: pulumi.Input<string>, values: Values): pulumi.Output<string> {
  const digest = pulumi.all([salt, pulumi.output(values)]).apply(([key, plain]) => {
    const hash = createHmac("sha256", key);
    for (const [name, value] of Object.entries(plain).sort(([a], [b]) => a.localeCompare(b)))
      hash.update(`${name}=${value}\0`);
    return hash.digest("hex").slice(0, 12);
  });
  // Keyed with a secret of this stack, the digest can be shown: nobody can try values against it.
  return pulumi.unsecret(digest);
}

function mapped<T, U>(record: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
