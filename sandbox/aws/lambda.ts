import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { ecsClient } from "./ecs/client";
import { AwsError } from "./errors";
import { keyExists } from "./kms";
import { arn, type Place } from "./naming";
import type { CreateContext, ResourceRecord } from "./record";
import { roleFor } from "./roles";
import { between, named, oneOf, refusals, taken, when, type NameRule } from "./rules";
import { block, isJson, number, text, texts } from "./values";
import type { Properties } from "../provider/types";
import type { WorldObject } from "../world";

const FUNCTION = "aws:lambda/function:Function";
const CREATE = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html";
const INVOKE = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/lambda/${name}/`;
const functionName: NameRule = { property: "name", maxLength: 64, pattern: /^[A-Za-z0-9-_]+$/ };
/** Runtimes that can still be chosen. Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const runtimes = [
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "python3.12",
  "python3.13",
  "python3.14",
  "provided.al2023",
];

/** Text of a file of the function's code; only an archive written in the program itself can be read here. */
function codeOf(properties: Properties, file: string): string | undefined {
  return text(block(block(block(properties.code).assets)[file]).text);
}

const lambdaFunction: ResourceRecord = {
  type: FUNCTION,
  source: registry("function"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { ...functionName },
  defaults: { memorySize: 128, timeout: 3, packageType: "Zip", reservedConcurrentExecutions: -1, skipDestroy: false },
  replaceOn: ["name", "packageType"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => {
    const own = arn(context, "lambda", `function:${context.id}`);
    return { arn: own, qualifiedArn: `${own}:$LATEST`, version: "$LATEST" };
  },
  validate: (context) => {
    const { inputs, world, preview } = context;
    const group = text(block(inputs.loggingConfig).logGroup);
    const [file = ""] = (text(inputs.handler) ?? "").split(".");
    const archive = Object.keys(block(block(inputs.code).assets));
    return refusals(
      named(inputs, functionName, "ValidationException", CREATE),
      oneOf("runtime", inputs.runtime, runtimes, "InvalidParameterValueException", CREATE),
      between("timeout", inputs.timeout, 1, 900, "ValidationException", CREATE),
      between("memorySize", inputs.memorySize, 128, 10_240, "ValidationException", CREATE),
      oneOf("architectures", texts(inputs.architectures)[0], ["x86_64", "arm64"], "ValidationException", CREATE),
      roleFor(context, "role", inputs.role, "lambda.amazonaws.com", "InvalidParameterValueException", CREATE),
      keyExists(context, "kmsKeyArn", inputs.kmsKeyArn),
      when(
        archive.length > 0 && !archive.some((name) => name.replace(/\.(js|mjs|cjs|py)$/, "") === file),
        "Runtime.ImportModuleError",
        `the code has no file for the handler ${text(inputs.handler) ?? ""}: ${archive.join(", ")}`,
        CREATE,
      ),
      when(
        !preview && group !== undefined && !world.get("aws:cloudwatch/logGroup:LogGroup", group),
        "InvalidParameterValueException",
        `loggingConfig.logGroup: the log group ${group ?? ""} does not exist`,
        CREATE,
      ),
    );
  },
  conflicts: (context) => refusals(taken(context, FUNCTION, "name", "ResourceConflictException", CREATE)),
  seconds: { create: 10, delete: 1 },
};

const invocation: ResourceRecord = {
  type: "aws:lambda/invocation:Invocation",
  source: registry("invocation"),
  id: ({ inputs }) => {
    const hash = createHash("md5")
      .update(text(inputs.input) ?? "")
      .digest("hex");
    return [text(inputs.functionName), text(inputs.qualifier) ?? "$LATEST", hash].join(",");
  },
  defaults: { qualifier: "$LATEST", lifecycleScope: "CREATE_ONLY", terraformKey: "tf" },
  references: [{ path: "functionName", to: FUNCTION, weak: true }],
  // Of the scope CREATE_ONLY, the only one known here.
  replaceOn: ["functionName", "input", "qualifier", "triggers"],
  overwrites: () => true,
  validate: ({ inputs }) => {
    const input = text(inputs.input);
    return refusals(
      when(input !== undefined && !isJson(input), "InvalidRequestContentException", "input is no JSON", INVOKE),
      oneOf("lifecycleScope", inputs.lifecycleScope, ["CREATE_ONLY"], "ValidationException", INVOKE),
    );
  },
  onCreate: async (context) => {
    const target = context.world.get(FUNCTION, text(context.inputs.functionName) ?? "");
    if (!target) throw new AwsError("ResourceNotFoundException", "Function not found");
    return { result: await invoke(target, text(context.inputs.input) ?? "null", context) };
  },
  seconds: { create: 60 },
};

/**
 * Runs the function's own code, as Lambda does: another program (`node:vm`), its input and output as JSON, an error as
 * `errorType` and `errorMessage`. The AWS SDK that its runtime brings answers from this world, with the rights of its role;
 * pauses are short, and count against the function's time as if they were not.
 */
async function invoke(target: WorldObject, input: string, context: CreateContext & Place): Promise<string> {
  const { properties } = target;
  const [file = "", handler = ""] = (text(properties.handler) ?? "").split(".");
  const code = codeOf(properties, `${file}.js`);
  if (code === undefined) throw new Error(`the sandbox can't run ${target.id}: its code has no text ${file}.js`);
  const exports: Record<string, (event: unknown, of: object) => Promise<unknown>> = {};
  const role = text(properties.role) ?? "";
  const require = (module: string) => {
    if (module !== "@aws-sdk/client-ecs") throw new Error(`Cannot find module '${module}'`);
    return {
      ECS: function () {
        return ecsClient(context.world, context, role);
      },
    };
  };
  let passed = 0;
  const soon = (callback: () => void, milliseconds: number) => {
    passed += milliseconds;
    return setTimeout(callback, Math.min(milliseconds, 5));
  };
  try {
    runInNewContext(code, { exports, require, setTimeout: soon, process: { env: {} } });
    const run = exports[handler];
    if (!run) throw new Error(`${file}.${handler} is undefined or not exported`);
    const limits = { getRemainingTimeInMillis: () => (number(properties.timeout) ?? 3) * 1000 - passed };
    return JSON.stringify((await run(JSON.parse(input) as unknown, limits)) ?? null);
  } catch (error) {
    const { name = "Error", message = String(error) } = error as Partial<Error>;
    const payload = JSON.stringify({ errorType: name, errorMessage: message });
    throw new Error(`invoking Lambda Function (${target.id}): ${payload}`, { cause: error });
  }
}

/** AWS Lambda. */
export const lambda: readonly ResourceRecord[] = [lambdaFunction, invocation];
