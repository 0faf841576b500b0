import { runStack, type Run, type RunOptions } from "../../support/mocks";

/** The least that 08-service asks for. */
export const REQUIRED = {
  domain: "pulumi.example.com",
  zoneName: "example.com",
  imageTag: "3.44.0",
  licenseKey: "Licence-Canary-1",
};

/** A certificate, as far as it is looked at. */
export const PEM = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";

/** Runs 08-service with `config` over the least that it asks for; `undefined` takes a key away. */
export function runService(config: Record<string, unknown> = {}, options: RunOptions = {}): Promise<Run> {
  const all = Object.entries<unknown>({ ...REQUIRED, ...config }).filter(([, value]) => value !== undefined);
  return runStack("service", { ...options, config: Object.fromEntries(all) });
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** A container as the tests look at it. */
export interface Container {
  readonly image: string;
  readonly env: Variable[];
  readonly [key: string]: unknown;
}

/** A pod as the tests look at it. */
export interface Pod {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec: { readonly containers: [Container]; readonly [key: string]: unknown };
}

/** The pod template of a Deployment or Job. */
export function podOf(run: Run, name: string): Pod {
  const [workload] = [...run.ofType("kubernetes:apps/v1:Deployment"), ...run.ofType("kubernetes:batch/v1:Job")].filter(
    (one) => one.name === name,
  );
  if (!workload) throw new Error(`no workload ${name}; ${run.error?.message ?? ""}`);
  return (workload.inputs["spec"] as { template: Pod }).template;
}

/** A component's variables as its container has them. */
export function variablesOf(run: Run, name: string): readonly Variable[] {
  return podOf(run, name).spec.containers[0].env;
}

/** A component's plain variables, and the values its secret ones get from its Secret. */
export function environmentOf(
  run: Run,
  name: string,
): { plain: Record<string, string>; secret: Record<string, string> } {
  const plain: Record<string, string> = {};
  const secret: Record<string, string> = {};
  for (const variable of podOf(run, name).spec.containers[0].env) {
    if (variable.value !== undefined) plain[variable.name] = variable.value;
    const reference = variable.valueFrom?.secretKeyRef;
    if (!reference) continue;
    const data = run.one("kubernetes:core/v1:Secret", reference.name).inputs["stringData"] as Record<string, string>;
    const value = data[reference.key];
    // A reference to a key that isn't there keeps a pod from starting.
    if (value === undefined) throw new Error(`Secret ${reference.name} has no ${reference.key}`);
    secret[variable.name] = value;
  }
  return { plain, secret };
}
