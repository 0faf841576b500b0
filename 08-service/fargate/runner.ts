import { readFileSync } from "node:fs";
import path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asked, shared } from "@selfhosted/common";
import ts from "typescript";
import type { ServiceConfig } from "../config";
import { logGroup } from "./logs";
import type { Place } from "./place";

/** The longest that Lambda grants; another invocation waits for a task that takes longer. */
export const TIMEOUT_SECONDS = 900;

/** The Lambda function that runs one-shot tasks; why there is one: `oneShots.ts`. */
export function makeRunner(config: ServiceConfig, place: Place): aws.lambda.Function {
  const { names, tags, upstream } = config;
  const name = names.function(shared.taskRunner);
  return new aws.lambda.Function(shared.taskRunner, {
    name,
    description: "Runs Pulumi's one-shot tasks on Fargate to their end",
    role: asked(upstream.iam.taskRunnerRoleArn, "the task runner's role"),
    runtime: aws.lambda.Runtime.NodeJS22dX,
    architectures: ["arm64"],
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(runnerCode()) }),
    timeout: TIMEOUT_SECONDS,
    memorySize: 256,
    loggingConfig: { logFormat: "Text", logGroup: logGroup(config, place, shared.taskRunner).name },
    tags: { ...tags, Name: name },
  });
}

/** The function's code as Lambda takes it. */
export function runnerCode(): string {
  const source = readFileSync(path.join(__dirname, "taskRunner.ts"), "utf8");
  const { ModuleKind, ScriptTarget } = ts;
  return ts.transpileModule(source, {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, removeComments: true },
  }).outputText;
}
