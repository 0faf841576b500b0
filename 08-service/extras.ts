import { kinds, type Problems } from "@selfhosted/common";
import type { types } from "@pulumi/kubernetes";
import { z } from "zod";
import { lookUp, secretSource, type Reader, type Secret, type SecretSource } from "./secretSources";

/** The components that may get more than this project gives them. */
const extraComponents = ["api", "console", "migrations"] as const;
/** One of the components. */
export type ExtraComponent = (typeof extraComponents)[number];

/** What one component gets besides. */
export interface ComponentExtras {
  readonly environment?: Readonly<Record<string, string>>;
  readonly secretEnvironment?: Readonly<Record<string, SecretSource>>;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly volumes?: readonly ExtraVolume[];
}

/** A volume of Kubernetes' and where it is mounted. */
export interface ExtraVolume {
  readonly mountPath: string;
  readonly subPath?: string;
  /** Default: true. */
  readonly readOnly?: boolean;
  /** One volume source, as Kubernetes writes it: `{ configMap: { name: ca } }`. */
  readonly volume: types.input.core.v1.Volume extends infer V ? Omit<V, "name"> : never;
}

/** The key `extras`, by component. */
export type Extras = Readonly<Partial<Record<ExtraComponent, ComponentExtras>>>;

/** The same, with secrets as the platform gets them. */
export type ResolvedExtras = Readonly<
  Partial<Record<ExtraComponent, ComponentExtras & { readonly secrets: Readonly<Record<string, Secret>> }>>
>;

/** Volumes that Pod Security's level `restricted` lets in. Source: Kubernetes, Pod Security Standards, Volume Types. */
const VOLUME_TYPES = [
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"],
];
/** Paths that are mounted already. */
const MOUNTED = /^\/(?:tmp|encryptionservice|pulumi-tls)?(?:\/|$)/;

const variableName = z.string().regex(/^[A-Za-z_]\w*$/, "a variable's name has letters, digits and _");
const extras = z.strictObject({
  environment: z.record(variableName, z.string("a variable's value must be text; put numbers in quotes")).optional(),
  secretEnvironment: z.record(variableName, secretSource).optional(),
  podLabels: z.record(z.string(), z.string()).optional(),
  podAnnotations: z.record(z.string(), z.string("an annotation's value must be text; put it in quotes")).optional(),
  volumes: z
    .array(
      z.strictObject({
        mountPath: z
          .string()
          .regex(/^\//, "mountPath must begin with /")
          .refine((path) => !MOUNTED.test(path), "mountPath must not be / or lie where this project mounts something"),
        subPath: z.string().min(1).optional(),
        readOnly: z.boolean().optional(),
        volume: z
          .record(z.string(), z.unknown())
          .refine(
            (volume) => Object.keys(volume).length === 1 && VOLUME_TYPES.includes(Object.keys(volume)[0] ?? ""),
            `volume must be one of ${VOLUME_TYPES.join(", ")}: the namespace lets in no other (Pod Security, restricted)`,
          ),
      }),
    )
    .max(20)
    .optional(),
});

/** Kind of `extras`. */
export function extrasKind() {
  const schema = z.partialRecord(z.enum(extraComponents), extras, {
    error: (issue) => ("keys" in issue ? `must be one of ${extraComponents.join(", ")}` : undefined),
  }) as unknown as z.ZodType<Extras>;
  return kinds.structure<Extras>(schema, { api: { environment: { HTTPS_PROXY: "http://proxy.example.com:3128" } } });
}

/** Looks the extra secrets up, and refuses what would overrule this project's own. */
export async function gatherExtras(
  all: Extras,
  own: Readonly<Record<ExtraComponent, readonly string[]>>,
  reader: Reader,
  problems: Problems,
): Promise<ResolvedExtras> {
  const resolved = extraComponents.map(async (component) => {
    const given = all[component] ?? {};
    for (const key of (["podLabels", "podAnnotations", "volumes"] as const).filter((one) => given[one])) {
      if (reader === "agent")
        problems.add(`extras.${component}.${key}: a task of Fargate has no place for it; take it out`);
    }
    const names = Object.keys({ ...given.environment, ...given.secretEnvironment });
    for (const name of names.filter((one) => own[component].includes(one))) {
      problems.add(
        `extras.${component} sets ${name}, which this stack sets by a key of its own; see Pulumi.EXAMPLE.yaml, and take ${name} out of extras`,
      );
    }
    for (const name of names.filter(
      (one) => given.environment?.[one] !== undefined && given.secretEnvironment?.[one],
    )) {
      problems.add(`extras.${component} sets ${name} both in environment and in secretEnvironment; take one out`);
    }
    for (const key of Object.keys({ ...given.podLabels, ...given.podAnnotations })) {
      if (/^(?:app\.kubernetes\.io|pulumi-selfhosted)\//.test(key)) {
        problems.add(`extras.${component} sets ${key}, by which this stack finds its pods or rolls them; take it out`);
      }
    }
    const secrets = await Promise.all(
      Object.entries(given.secretEnvironment ?? {}).map(
        async ([name, source]) =>
          [name, await lookUp(`extras.${component}.secretEnvironment.${name}`, source, reader, problems)] as const,
      ),
    );
    return [component, { ...given, secrets: Object.fromEntries(secrets) }] as const;
  });
  return Object.fromEntries(await Promise.all(resolved));
}
