/**
 * A value that is there because what asked for it is on: `needs` of a stack's configuration and the program that uses
 * it agree on one condition, which the compiler can't see.
 * @throws Error when they don't agree, which is a defect of the stack.
 */
export function asked<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new Error(`${what} was not resolved, though it is used; this stack's config.ts is wrong`);
  return value;
}
