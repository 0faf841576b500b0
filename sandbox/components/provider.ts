import type { Provider } from "../provider/types";

/**
 * A package of components only (awsx): it has no resources of its own, and its components' programs are loaded,
 * with the whole AWS SDK, when the first one is constructed.
 */
export function componentProvider(name: string, version: string): Provider {
  const none = (): Promise<never> =>
    Promise.reject(new Error(`the package ${name} has components only in the sandbox`));
  return {
    name,
    version,
    check: none,
    diff: none,
    create: none,
    update: none,
    read: none,
    delete: none,
    construct: async (request, engineAddress) => {
      const { constructComponent } = await import(".");
      return constructComponent(request, engineAddress);
    },
  };
}
