import { arn, digest, uuid } from "../naming";
import { roleFor } from "../roles";
import { subnetsOf } from "../ec2/subnets";
import type { ResourceRecord } from "../record";
import { named, refusals, when, type NameRule } from "../rules";
import { blocks, flag, isGiven, text, texts } from "../values";
import { CLUSTER } from "./clusterRules";

const IDENTITY = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html";
const FARGATE = "https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/eks/${name}/`;
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

/** Kubernetes' own rule for the names of namespaces and service accounts. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const podIdentityAssociation: ResourceRecord = {
  type: ASSOCIATION,
  source: registry("podidentityassociation"),
  id: ({ world }) => `a-${digest(world.newHexId("a"), 17, "lower")}`,
  importId: ({ id, properties }) => `${text(properties.clusterName) ?? ""},${id}`,
  references: [{ path: "clusterName", to: CLUSTER, weak: true }],
  replaceOn: ["clusterName", "namespace", "serviceAccount"],
  errors: { notFound: "ResourceNotFoundException" },
  outputs: (context) => ({
    associationId: context.id,
    associationArn: arn(
      context,
      "eks",
      `podidentityassociation/${text(context.inputs.clusterName) ?? ""}/${context.id}`,
    ),
    disableSessionTags: flag(context.inputs.disableSessionTags) ?? false,
    externalId: isGiven(context.inputs.targetRoleArn) ? digest(context.id, 32) : "",
  }),
  validate: (context) => {
    const { inputs } = context;
    const names = ["namespace", "serviceAccount"] as const;
    return refusals(
      roleFor(
        context,
        "roleArn",
        inputs.roleArn,
        "pods.eks.amazonaws.com",
        "InvalidParameterException",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
      ),
      ...names.map((property) =>
        when(
          text(inputs[property]) !== undefined && !DNS_LABEL.test(text(inputs[property]) ?? ""),
          "InvalidParameterException",
          `${property} "${text(inputs[property]) ?? ""}" is no Kubernetes name`,
          IDENTITY,
        ),
      ),
    );
  },
  conflicts: ({ world, inputs, id }) => {
    const key = ["clusterName", "namespace", "serviceAccount"];
    const twin = world.find(
      ASSOCIATION,
      (one) => one.id !== id && key.every((property) => one.properties[property] === inputs[property]),
    );
    return refusals(
      when(
        twin !== undefined,
        "ResourceInUseException",
        `Association already exists: ${text(inputs.namespace) ?? ""}/${text(inputs.serviceAccount) ?? ""} has ${twin?.id ?? ""}`,
        IDENTITY,
      ),
    );
  },
  seconds: { create: 1 },
};

const profileName: NameRule = {
  property: "fargateProfileName",
  maxLength: 100,
  pattern: /^[0-9A-Za-z][A-Za-z0-9_-]*$/,
};

const fargateProfile: ResourceRecord = {
  type: "aws:eks/fargateProfile:FargateProfile",
  source: registry("fargateprofile"),
  id: ({ inputs }) => `${text(inputs.clusterName) ?? ""}:${text(inputs.fargateProfileName) ?? ""}`,
  autoname: { ...profileName },
  references: [
    { path: "clusterName", to: CLUSTER },
    { path: "subnetIds[]", to: "aws:ec2/subnet:Subnet" },
  ],
  replaceOn: ["clusterName", "fargateProfileName", "podExecutionRoleArn", "selectors", "subnetIds"],
  outputs: (context) => ({
    arn: arn(context, "eks", `fargateprofile/${context.id.replace(":", "/")}/${uuid(context.id)}`),
    status: "ACTIVE",
  }),
  validate: (context) => {
    const { inputs, world } = context;
    const open = subnetsOf(world, texts(inputs.subnetIds)).find(
      ({ properties }) => flag(properties.mapPublicIpOnLaunch) === true,
    );
    return refusals(
      named(inputs, profileName, "InvalidParameterException", FARGATE),
      roleFor(
        context,
        "podExecutionRoleArn",
        inputs.podExecutionRoleArn,
        "eks-fargate-pods.amazonaws.com",
        "InvalidParameterException",
        FARGATE,
      ),
      when(
        blocks(inputs.selectors).length > 5,
        "InvalidParameterException",
        "a profile has at most five selectors",
        FARGATE,
      ),
      when(
        open !== undefined,
        "InvalidParameterException",
        `Subnet ${open?.id ?? ""} provided in Fargate Profile is not a private subnet`,
        FARGATE,
      ),
    );
  },
  seconds: { create: 60, delete: 60 },
};

export const podRecords: readonly ResourceRecord[] = [podIdentityAssociation, fargateProfile];
