import type { Invoke } from "../record";
import { text } from "../values";
import type { Properties, Value } from "../../provider/types";
import { lookedUp } from "./lookup";

const source = (call: string) => `https://docs.aws.amazon.com/IAM/latest/APIReference/API_${call}.html`;

/** One statement as the function takes it, in the JSON that IAM takes. */
function statement(input: Properties): Properties {
  const pairs: [string, Value | undefined][] = [
    ["Sid", input.sid],
    ["Effect", input.effect ?? "Allow"],
    ["Action", input.actions],
    ["NotAction", input.notActions],
    ["Resource", input.resources],
    ["NotResource", input.notResources],
    ["Principal", principals(input.principals)],
    ["Condition", conditions(input.conditions)],
  ];
  return Object.fromEntries(
    pairs.flatMap(([key, value]) => (value === undefined || value === null ? [] : [[key, value]])),
  );
}

function list(value: Value | undefined): Properties[] {
  return Array.isArray(value) ? (value as Properties[]) : [];
}

function principals(value: Value | undefined): Value | undefined {
  const all = list(value);
  return all.length === 0
    ? undefined
    : Object.fromEntries(all.map((one) => [text(one.type) ?? "", one.identifiers ?? []]));
}

function conditions(value: Value | undefined): Value | undefined {
  const operators: Record<string, Properties> = {};
  for (const { test, variable, values } of list(value)) {
    const operator = text(test) ?? "";
    operators[operator] = { ...operators[operator], [text(variable) ?? ""]: values ?? [] };
  }
  return Object.keys(operators).length === 0 ? undefined : operators;
}

/** Look-ups in IAM, and the policy document that is only a text. */
export const iam: Readonly<Record<string, Invoke>> = {
  "aws:iam/getRole:getRole": (args, context) => {
    const name = text(args.name) ?? "";
    const role = lookedUp(context, "aws:iam/role:Role", (object) => object.properties.name === name, {
      code: "NoSuchEntity",
      message: `The role with name ${name} cannot be found.`,
      source: source("GetRole"),
    });
    return { ...args, ...role.properties, id: name, tags: role.properties.tagsAll ?? {} };
  },

  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": (args, context) => {
    const provider = lookedUp(
      context,
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
      ({ properties }) => properties.arn === args.arn || (args.url !== undefined && properties.url === args.url),
      {
        code: "NoSuchEntity",
        message: `OpenIDConnect Provider not found for arn ${text(args.arn) ?? text(args.url) ?? ""}`,
        source: source("GetOpenIDConnectProvider"),
      },
    );
    return { ...args, ...provider.properties, id: provider.id, tags: provider.properties.tagsAll ?? {} };
  },

  "aws:iam/getPolicy:getPolicy": (args, context) => {
    const policy = lookedUp(
      context,
      "aws:iam/policy:Policy",
      ({ properties }) => properties.arn === args.arn || (args.name !== undefined && properties.name === args.name),
      {
        code: "NoSuchEntity",
        message: `Policy ${text(args.arn) ?? text(args.name) ?? ""} was not found.`,
        source: source("GetPolicy"),
      },
    );
    return { ...args, ...policy.properties, id: policy.id };
  },

  "aws:iam/getPolicyDocument:getPolicyDocument": (args) => {
    const document = {
      Version: text(args.version) ?? "2012-10-17",
      Statement: list(args.statements).map((one) => statement(one)),
    };
    const json = JSON.stringify(document);
    return { ...args, id: "policy", json, minifiedJson: json };
  },
};
