import type { ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { block, blocks, isBlock, isGiven, number, text } from "../values";
import { api, LISTENER, RULE, TARGET_GROUP } from "./names";
import type { Properties } from "../../provider/types";
import type { World, WorldObject } from "../../world";

const ACTION = api("Action");
const CODE = "InvalidLoadBalancerAction";
const terminal = ["forward", "redirect", "fixed-response"];
const types = [...terminal, "authenticate-cognito", "authenticate-oidc", "jwt-validation"];
const contentTypes = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
/** The member in which an action of each type is described. */
const members: Readonly<Record<string, string>> = {
  redirect: "redirect",
  "fixed-response": "fixedResponse",
  "authenticate-cognito": "authenticateCognito",
  "authenticate-oidc": "authenticateOidc",
  "jwt-validation": "jwtValidation",
};

/** Paths at which an action names its target groups. */
export function targetGroupPaths(property: string): string[] {
  return [`${property}[].targetGroupArn`, `${property}[].forward.targetGroups[].arn`];
}

/** The target groups that actions forward to, by ARN. */
export function targetGroupsOf(actions: readonly Properties[]): string[] {
  return actions.flatMap((action) => [
    ...[text(action.targetGroupArn) ?? []].flat(),
    ...blocks(block(action.forward).targetGroups).flatMap((group) => text(group.arn) ?? []),
  ]);
}

function redirect(where: string, options: Properties): Refusal {
  const kept: Readonly<Record<string, string>> = {
    protocol: "#{protocol}",
    host: "#{host}",
    port: "#{port}",
    path: "/#{path}",
    query: "#{query}",
  };
  const same = Object.entries(kept).every(([name, value]) => !isGiven(options[name]) || options[name] === value);
  return refusals(
    oneOf(`${where}.redirect.statusCode`, options.statusCode, ["HTTP_301", "HTTP_302"], CODE, ACTION),
    oneOf(`${where}.redirect.protocol`, options.protocol, ["HTTP", "HTTPS", "#{protocol}"], CODE, ACTION),
    when(same, CODE, `${where}.redirect goes to where the request came from: a loop`, ACTION),
  );
}

function fixedResponse(where: string, options: Properties): Refusal {
  const code = text(options.statusCode);
  return refusals(
    oneOf(`${where}.fixedResponse.contentType`, options.contentType, contentTypes, CODE, ACTION),
    when(
      code !== undefined && !/^[245]\d\d$/.test(code),
      CODE,
      `${where}.fixedResponse.statusCode "${code ?? ""}" must be 2XX, 4XX or 5XX`,
      ACTION,
    ),
    when(
      (text(options.messageBody) ?? "").length > 1024,
      CODE,
      `${where}.fixedResponse.messageBody has over 1024 characters`,
      ACTION,
    ),
  );
}

function oneAction(where: string, action: Properties): Refusal {
  const type = text(action.type) ?? "";
  const member = members[type];
  const forwards = isGiven(action.targetGroupArn) || isGiven(action.forward);
  const groups = blocks(block(action.forward).targetGroups);
  return refusals(
    oneOf(`${where}.type`, action.type, types, CODE, ACTION),
    when(
      member !== undefined && !isGiven(action[member]),
      CODE,
      `${where} of type ${type} needs ${member ?? ""}`,
      ACTION,
    ),
    when(type === "forward" && !forwards, CODE, `${where} of type forward needs targetGroupArn or forward`, ACTION),
    when(groups.length > 5, "TooManyTargetGroups", `${where}.forward has at most 5 target groups`, ACTION),
    ...groups.map((group) => between(`${where}.forward weight`, group.weight, 0, 999, CODE, ACTION)),
    isBlock(action.redirect) ? redirect(where, action.redirect) : undefined,
    isBlock(action.fixedResponse) ? fixedResponse(where, action.fixedResponse) : undefined,
  );
}

/** Refuses actions that Elastic Load Balancing can't carry out, each by itself and all together. */
export function actionRules({ world, inputs }: ValidateContext, property: string, loadBalancer?: WorldObject): Refusal {
  const actions = blocks(inputs[property]);
  const ends = actions.filter((action) => terminal.includes(text(action.type) ?? ""));
  const last = [...actions].sort((one, other) => (number(one.order) ?? 0) - (number(other.order) ?? 0)).at(-1);
  const complete = actions.every((action) => text(action.type) !== undefined);
  return refusals(
    ...actions.map((action, index) => oneAction(`${property}[${index}]`, action)),
    when(
      actions.length > 0 && complete && (ends.length !== 1 || !terminal.includes(text(last?.type) ?? "")),
      CODE,
      `${property} must end with exactly one of ${terminal.join(", ")}`,
      ACTION,
    ),
    suitable(world, targetGroupsOf(actions), loadBalancer),
  );
}

/** Target groups are of the load balancer's VPC, and of a protocol that its kind speaks. */
function suitable(world: World, arns: readonly string[], loadBalancer: WorldObject | undefined): Refusal {
  if (!loadBalancer) return undefined;
  const groups = arns.flatMap((arn) => world.get(TARGET_GROUP, arn) ?? []);
  const application = (text(loadBalancer.properties.loadBalancerType) ?? "application") === "application";
  const strangers = groups.filter(
    ({ properties }) => isGiven(properties.vpcId) && properties.vpcId !== loadBalancer.properties.vpcId,
  );
  const foreign = groups.filter(
    ({ properties }) =>
      text(properties.targetType) !== "lambda" &&
      ["HTTP", "HTTPS"].includes(text(properties.protocol) ?? "") !== application,
  );
  const list = (objects: readonly WorldObject[]) => objects.map(({ id }) => id).join(", ");
  return refusals(
    when(
      strangers.length > 0,
      "InvalidConfigurationRequest",
      `The following target groups are in a different VPC than load balancer '${loadBalancer.id}': ${list(strangers)}`,
      ACTION,
    ),
    when(
      foreign.length > 0,
      "IncompatibleProtocols",
      `The protocol of ${list(foreign)} doesn't go with this type of load balancer`,
      ACTION,
    ),
  );
}

/** A target group serves one Application Load Balancer only. */
export function servesAnother(
  { world, inputs, id }: ValidateContext,
  property: string,
  loadBalancerArn: string | undefined,
): Refusal {
  const arns = targetGroupsOf(blocks(inputs[property]));
  const users = [...world.list(LISTENER), ...world.list(RULE)].filter((user) => user.id !== id);
  const shared = arns.filter((arn) =>
    users.some((user) => {
      const { loadBalancerArn: own, listenerArn } = user.properties;
      const other = own ?? world.get(LISTENER, text(listenerArn) ?? "")?.properties.loadBalancerArn;
      const actions = blocks(user.properties.defaultActions ?? user.properties.actions);
      return other !== loadBalancerArn && targetGroupsOf(actions).includes(arn);
    }),
  );
  return when(
    shared.length > 0,
    "TargetGroupAssociationLimit",
    `The following target groups cannot be associated with more than one load balancer: ${shared.join(", ")}`,
    api("CreateRule"),
  );
}
