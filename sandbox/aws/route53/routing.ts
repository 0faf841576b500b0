import type { ValidateContext } from "../record";
import { between, oneOf, refusals, when, type Refusal } from "../rules";
import { blocks, flag, isGiven, text } from "../values";
import type { Properties } from "../../provider/types";
import type { WorldObject } from "../../world";

const SET = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html";
const CODE = "InvalidChangeBatch";

const routingPolicies = [
  "cidrRoutingPolicy",
  "failoverRoutingPolicies",
  "geolocationRoutingPolicies",
  "geoproximityRoutingPolicy",
  "latencyRoutingPolicies",
  "multivalueAnswerRoutingPolicy",
  "weightedRoutingPolicies",
];

function policiesOf(inputs: Properties): string[] {
  return routingPolicies.filter((name) => isGiven(inputs[name]) && flag(inputs[name]) !== false);
}

/** `PRIMARY` or `SECONDARY`, where a record has failover routing. */
function failoverOf(inputs: Properties): string | undefined {
  return text(blocks(inputs.failoverRoutingPolicies)[0]?.type);
}

/** Whom the record answers with it. */
export function routing({ inputs }: ValidateContext): Refusal {
  const given = policiesOf(inputs);
  const hasIdentifier = isGiven(inputs.setIdentifier);
  return refusals(
    when(given.length > 1, CODE, `${given.join(" and ")} exclude each other`, SET),
    when(given.length > 0 && !hasIdentifier, CODE, `${given[0] ?? ""} needs a setIdentifier`, SET),
    when(given.length === 0 && hasIdentifier, CODE, "setIdentifier needs a routing policy", SET),
    ...blocks(inputs.weightedRoutingPolicies).map(({ weight }) => between("weight", weight, 0, 255, CODE, SET)),
    ...blocks(inputs.failoverRoutingPolicies).map(({ type }) =>
      oneOf("failoverRoutingPolicies.type", type, ["PRIMARY", "SECONDARY"], CODE, SET),
    ),
  );
}

/** Refuses a record beside `others` of its name that are routed in another way, or hold its place in a failover. */
export function besides(inputs: Properties, others: readonly WorldObject[]): Refusal {
  const type = text(inputs.type) ?? "";
  const [policy] = policiesOf(inputs);
  const twins = others.filter(({ properties }) => properties.type === type);
  const stranger = twins.find(
    ({ properties }) => properties.setIdentifier !== inputs.setIdentifier && policiesOf(properties)[0] !== policy,
  );
  const rival = twins.find(
    ({ properties }) =>
      properties.setIdentifier !== inputs.setIdentifier &&
      failoverOf(inputs) !== undefined &&
      failoverOf(properties) === failoverOf(inputs),
  );
  return refusals(
    when(
      stranger !== undefined,
      CODE,
      `RRSet with DNS name ${text(inputs.name) ?? ""}, type ${type} can't be created as ${stranger?.id ?? ""} has the same ` +
        "name and type and another routing policy, or none: delete that one first",
      SET,
    ),
    when(
      rival !== undefined,
      CODE,
      `${rival?.id ?? ""} is the failover's ${failoverOf(inputs) ?? ""} already: there is one of each`,
      SET,
    ),
  );
}
