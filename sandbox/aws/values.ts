import { UNKNOWN, type Properties, type Value } from "../provider/types";

/**
 * Typed reading of inputs. What isn't there, isn't known yet (a preview) or has another type reads as absent, so a rule
 * about it passes; that inputs have the right type and required ones are given is the generic provider's to check.
 */

type Maybe = Value | undefined;

/** Whether the value is known only once something else is made. */
export function isUnknown(value: Maybe): boolean {
  return value === UNKNOWN;
}

/** Whether the value is given, if only as not yet known. */
export function isGiven(value: Maybe): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** A known text that isn't empty. */
export function text(value: Maybe): string | undefined {
  return typeof value === "string" && value !== UNKNOWN && value !== "" ? value : undefined;
}

/** A known number. */
export function number(value: Maybe): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** A known yes or no, also written as text. */
export function flag(value: Maybe): boolean | undefined {
  if (value === "true" || value === "false") return value === "true";
  return typeof value === "boolean" ? value : undefined;
}

/** The known strings of a list. */
export function texts(value: Maybe): string[] {
  return Array.isArray(value) ? value.flatMap((item) => text(item) ?? []) : [];
}

/** A nested block; empty when absent. */
export function block(value: Maybe): Properties {
  return isBlock(value) ? value : {};
}

/** The known blocks of a list. */
export function blocks(value: Maybe): Properties[] {
  return Array.isArray(value) ? value.filter((item) => isBlock(item)) : [];
}

/** Whether a list, or anything in it, isn't known yet: then it can't be counted. */
export function hasUnknown(value: Maybe): boolean {
  return isUnknown(value) || (Array.isArray(value) && value.some((item) => isUnknown(item)));
}

/** Whether a block is given. */
export function isBlock(value: Maybe): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a text is JSON. */
export function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
