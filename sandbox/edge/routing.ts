import { contains, parseCidr } from "../aws/cidr";
import { listenersOf, rulesOf } from "../aws/lb/names";
import { block, blocks, isGiven, number, text, texts } from "../aws/values";
import { fits } from "../aws/wildcards";
import type { Properties } from "../provider/types";
import type { World, WorldObject } from "../world";

/** How host names compare; paths and methods don't. */
const ANY_CASE = { ignoreCase: true };

/** A request, as far as rules look at it. */
export interface Request {
  /** Without a port. */
  readonly host: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly method: string;
  /** IPv4 address that it comes from. */
  readonly source: string;
}

/** What a listener does with a request. */
export type Action =
  | { readonly forward: readonly string[] }
  | { readonly status: number; readonly location: string }
  | { readonly status: number; readonly contentType: string; readonly body: string };

/** The listener of a load balancer on a port. */
export function listenerOn(world: World, loadBalancer: WorldObject, port: number): WorldObject | undefined {
  return listenersOf(world, loadBalancer.id).find(({ properties }) => number(properties.port) === port);
}

/** The action of the first rule that matches, by priority, or else the listener's default. */
export function actionFor(world: World, listener: WorldObject, request: Request): Action {
  const rules = [...rulesOf(world, listener.id)].sort(
    (one, other) => (number(one.properties.priority) ?? 0) - (number(other.properties.priority) ?? 0),
  );
  const rule = rules.find(({ properties }) => blocks(properties.conditions).every((one) => matches(one, request)));
  const actions = rule ? rule.properties.actions : listener.properties.defaultActions;
  const last = blocks(actions)
    .sort((one, other) => (number(one.order) ?? 0) - (number(other.order) ?? 0))
    .at(-1);
  return act(block(last), listener, request);
}

/** Whether some rule of the listener is for this host. */
export function serves(world: World, listener: WorldObject, host: string): boolean {
  return rulesOf(world, listener.id).some(({ properties }) =>
    blocks(properties.conditions).some((one) =>
      texts(block(one.hostHeader).values).some((value) => fits(value, host, ANY_CASE)),
    ),
  );
}

function matches(condition: Properties, { host, path, method, source }: Request): boolean {
  const known: readonly (readonly [string, (pattern: string) => boolean])[] = [
    ["hostHeader", (pattern) => fits(pattern, host, ANY_CASE)],
    ["pathPattern", (pattern) => fits(pattern, path)],
    ["httpRequestMethod", (pattern) => fits(pattern, method)],
    ["sourceIp", (range) => isWithin(range, source)],
  ];
  const stranger = Object.keys(condition).find(
    (name) => isGiven(condition[name]) && !known.some(([kind]) => kind === name),
  );
  if (stranger !== undefined) throw new Error(`the sandbox's load balancer doesn't judge conditions of ${stranger}`);
  return known.every(
    ([kind, holds]) => !isGiven(condition[kind]) || texts(block(condition[kind]).values).some((value) => holds(value)),
  );
}

function isWithin(range: string, address: string): boolean {
  const cidr = parseCidr(range);
  return cidr !== undefined && contains(cidr, { address, prefix: 32 });
}

function act(action: Properties, listener: WorldObject, request: Request): Action {
  const type = text(action.type);
  if (type === "redirect") return redirect(block(action.redirect), listener, request);
  if (type === "fixed-response") {
    const { contentType, messageBody, statusCode } = block(action.fixedResponse);
    return {
      status: Number(text(statusCode) ?? 200),
      contentType: text(contentType) ?? "text/plain",
      body: text(messageBody) ?? "",
    };
  }
  if (type !== "forward") throw new Error(`the sandbox's load balancer doesn't do ${type ?? "nothing"}`);
  const groups = blocks(block(action.forward).targetGroups).flatMap(({ arn, weight }) =>
    number(weight) === 0 ? [] : (text(arn) ?? []),
  );
  return { forward: groups.length > 0 ? groups : [text(action.targetGroupArn) ?? ""] };
}

/** Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html */
function redirect(options: Properties, { properties }: WorldObject, { host, path, query }: Request): Action {
  const kept: Readonly<Record<string, string>> = {
    "#{protocol}": (text(properties.protocol) ?? "").toLowerCase(),
    "#{host}": host,
    "#{port}": String(number(properties.port) ?? 0),
    "#{path}": path.replace(/^\//, ""),
    "#{query}": query,
  };
  const filled = (value: string) => value.replaceAll(/#\{\w+\}/g, (name) => kept[name] ?? name);
  const part = (name: string, standard: string) => filled(text(options[name]) ?? standard);
  const protocol = part("protocol", "#{protocol}").toLowerCase();
  const search = part("query", "#{query}");
  const location = `${protocol}://${part("host", "#{host}")}:${part("port", "#{port}")}${part("path", "/#{path}")}${search === "" ? "" : `?${search}`}`;
  return { status: text(options.statusCode) === "HTTP_302" ? 302 : 301, location };
}
