import { access } from "node:fs/promises";
import * as path from "node:path";

/** The programs behind a sandbox cluster. */
export const programs = ["etcd", "kube-apiserver", "kubectl"] as const;
export type Program = (typeof programs)[number];
/** Paths of the three programs. */
export type Programs = Readonly<Record<Program, string>>;

/** All three programs of one folder. */
export async function programsIn(folder: string): Promise<Programs> {
  const entries = programs.map((name) => [name, path.join(folder, name)] as const);
  await Promise.all(entries.map(([, file]) => access(file)));
  return Object.fromEntries(entries) as unknown as Programs;
}
