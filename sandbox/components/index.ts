import type { Provider } from "../provider/types";
import { construct, type ComponentFactory } from "./construct";
import { makeVpc } from "./vpc";

const factories: Readonly<Record<string, ComponentFactory>> = {
  "awsx:ec2:Vpc": makeVpc,
};

/** The component types of this sandbox, all served alike. */
export const constructComponent: NonNullable<Provider["construct"]> = (request, engineAddress) => {
  const factory = factories[request.getType()];
  if (!factory) {
    return Promise.reject(
      new Error(
        `the sandbox doesn't know the component ${request.getType()} yet: add it to sandbox/components/index.ts ` +
          `(CONTRIBUTING.md, "A sandbox resource")`,
      ),
    );
  }
  return construct(factory, request, engineAddress);
};
