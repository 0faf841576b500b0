import { arn, uuid } from "./naming";
import type { ResourceRecord } from "./record";
import { oneOf, refusals, when } from "./rules";
import { block, isGiven, number, text } from "./values";

const TARGET = "aws:appautoscaling/target:Target";
const SOURCE = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html";
const POLICIES = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/appautoscaling/${name}/`;

const target: ResourceRecord = {
  type: TARGET,
  source: registry("target"),
  id: ({ inputs }) => text(inputs.resourceId) ?? "",
  replaceOn: ["resourceId", "scalableDimension", "serviceNamespace"],
  outputs: (context) => ({
    arn: arn(
      context,
      "application-autoscaling",
      `scalable-target/${uuid(context.id).replaceAll("-", "").slice(0, 28)}`,
    ),
  }),
  validate: ({ inputs, world, preview }) => {
    const [low, high] = [number(inputs.minCapacity), number(inputs.maxCapacity)];
    const [kind, cluster = "", service = ""] = (text(inputs.resourceId) ?? "").split("/");
    return refusals(
      when(
        low !== undefined && high !== undefined && low > high,
        "ValidationException",
        `minCapacity ${String(low)} is greater than maxCapacity ${String(high)}`,
        SOURCE,
      ),
      when(
        !preview &&
          kind === "service" &&
          !world.find("aws:ecs/service:Service", ({ id }) => id.endsWith(`:service/${cluster}/${service}`)),
        "ValidationException",
        `ECS service doesn't exist: ${text(inputs.resourceId) ?? ""} (service/<cluster>/<service>)`,
        SOURCE,
      ),
    );
  },
};

const policy: ResourceRecord = {
  type: "aws:appautoscaling/policy:Policy",
  source: registry("policy"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { property: "name", maxLength: 256 },
  defaults: { policyType: "StepScaling" },
  references: [{ path: "resourceId", to: TARGET, weak: true }],
  replaceOn: ["name", "resourceId", "scalableDimension", "serviceNamespace", "policyType"],
  outputs: (context) => ({ arn: arn(context, "autoscaling", `scalingPolicy:${uuid(context.id)}`), alarmArns: [] }),
  validate: ({ inputs }) => {
    const tracking = block(inputs.targetTrackingScalingPolicyConfiguration);
    return refusals(
      oneOf(
        "policyType",
        inputs.policyType,
        ["StepScaling", "TargetTrackingScaling", "PredictiveScaling"],
        "ValidationException",
        POLICIES,
      ),
      when(
        inputs.policyType === "TargetTrackingScaling" && !isGiven(inputs.targetTrackingScalingPolicyConfiguration),
        "ValidationException",
        "TargetTrackingScaling needs targetTrackingScalingPolicyConfiguration",
        POLICIES,
      ),
      when(
        isGiven(inputs.targetTrackingScalingPolicyConfiguration) &&
          isGiven(tracking.predefinedMetricSpecification) === isGiven(tracking.customizedMetricSpecification),
        "ValidationException",
        "give predefinedMetricSpecification or customizedMetricSpecification",
        POLICIES,
      ),
    );
  },
};

/** Application Auto Scaling. */
export const appautoscaling: readonly ResourceRecord[] = [target, policy];
