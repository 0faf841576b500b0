import { arn } from "./naming";
import { keyExists } from "./kms";
import type { ResourceRecord } from "./record";
import { named, oneOf, refusals, taken, when, type NameRule } from "./rules";
import { isGiven, number, text } from "./values";

const PARAMETER = "aws:ssm/parameter:Parameter";
const SOURCE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html";
const parameterName: NameRule = {
  property: "name",
  maxLength: 1011,
  pattern: /^\/?[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/,
};

const parameter: ResourceRecord = {
  type: PARAMETER,
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ssm/parameter/",
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...parameterName },
  defaults: { tier: "Standard", dataType: "text" },
  replaceOn: ["name"],
  secrets: ["value"],
  outputs: (context) => ({
    arn: arn(context, "ssm", `parameter/${context.id.replace(/^\//, "")}`),
    version: (number(context.previous?.version) ?? 0) + 1,
    hasValueWo: isGiven(context.inputs.valueWo),
  }),
  validate: (context) => {
    const { inputs } = context;
    const advanced = inputs.tier === "Advanced";
    const allowed = text(inputs.allowedPattern);
    const value = text(inputs.value);
    return refusals(
      named(inputs, parameterName, "ValidationException", SOURCE),
      when(
        /^\/?(aws|ssm)/i.test(text(inputs.name) ?? ""),
        "ValidationException",
        "parameter names may not begin with aws or ssm",
        SOURCE,
      ),
      oneOf("type", inputs.type, ["String", "StringList", "SecureString"], "ValidationException", SOURCE),
      oneOf("tier", inputs.tier, ["Standard", "Advanced", "Intelligent-Tiering"], "ValidationException", SOURCE),
      when(
        ["value", "valueWo", "insecureValue"].filter((property) => isGiven(inputs[property])).length !== 1,
        "ValidationException",
        "give exactly one of value, valueWo, insecureValue",
        SOURCE,
      ),
      when(
        (value ?? "").length > (advanced ? 8192 : 4096),
        "ValidationException",
        `the value is over ${advanced ? "8 KB" : "4 KB: set tier Advanced for up to 8 KB"}`,
        SOURCE,
      ),
      when(
        allowed !== undefined && value !== undefined && !new RegExp(allowed).test(value),
        "ParameterPatternMismatchException",
        `the value doesn't match allowedPattern ${allowed ?? ""}`,
        SOURCE,
      ),
      keyExists(context, "keyId", inputs.keyId),
    );
  },
  conflicts: (context) => refusals(taken(context, PARAMETER, "name", "ParameterAlreadyExists", SOURCE)),
  seconds: { create: 1 },
};

/** AWS Systems Manager's Parameter Store. */
export const ssm: readonly ResourceRecord[] = [parameter];
