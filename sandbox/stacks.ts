import { resolve } from "node:path";
import { contract, type StackName } from "@selfhosted/common";

/** The repository. */
export const repository = resolve(__dirname, "..");

/** One of the nine stacks, with the folder it lives in. */
export interface StackFolder {
  readonly name: StackName;
  /** Folder relative to the repository, e.g. `02-networking`. */
  readonly folder: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Pulumi project name. */
  readonly project: string;
  readonly about: string;
}

/** The nine stacks in the order of their numbers. */
export const stackFolders: readonly StackFolder[] = (Object.keys(contract) as StackName[]).map((name) => {
  const { folder, project, about } = contract[name];
  return { name, folder, project, about, path: resolve(repository, folder) };
});
