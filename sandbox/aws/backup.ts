import { arn, uuid } from "./naming";
import { keyExists } from "./kms";
import { roleFor } from "./roles";
import type { ResourceRecord } from "./record";
import { named, refusals, taken, when, type NameRule } from "./rules";
import { block, blocks, flag, isGiven, number, text, texts } from "./values";

const VAULT = "aws:backup/vault:Vault";
const PLAN = "aws:backup/plan:Plan";
const SOURCE = "https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html";
const VAULTS = "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html";
const registry = (name: string) => `https://www.pulumi.com/registry/packages/aws/api-docs/backup/${name}/`;
const vaultName: NameRule = { property: "name", minLength: 2, maxLength: 50, pattern: /^[a-zA-Z0-9_-]+$/ };

const vault: ResourceRecord = {
  type: VAULT,
  source: registry("vault"),
  id: ({ inputs }) => text(inputs.name) ?? "",
  autoname: { property: "name", maxLength: 50, pattern: /^[a-zA-Z0-9_-]+$/ },
  defaults: { forceDestroy: false },
  replaceOn: ["name", "kmsKeyArn"],
  errors: { notFound: "ResourceNotFoundException", inUse: "InvalidRequestException" },
  outputs: (context) => ({ arn: arn(context, "backup", `backup-vault:${context.id}`), recoveryPoints: 0 }),
  validate: (context) =>
    refusals(
      named(context.inputs, vaultName, "InvalidParameterValueException", VAULTS),
      keyExists(context, "kmsKeyArn", context.inputs.kmsKeyArn),
    ),
  conflicts: (context) => refusals(taken(context, VAULT, "name", "AlreadyExistsException", VAULTS)),
  blocksDeletion: ({ properties, id }) =>
    when(
      (number(properties.recoveryPoints) ?? 0) > 0 && flag(properties.forceDestroy) !== true,
      "InvalidRequestException",
      `Backup vault ${id} cannot be deleted because it contains recovery points`,
      VAULTS,
    ),
  seconds: { create: 2 },
};

const plan: ResourceRecord = {
  type: PLAN,
  source: registry("plan"),
  id: ({ world }) => uuid(world.newHexId("plan")),
  autoname: { property: "name", maxLength: 50 },
  references: [{ path: "rules[].targetVaultName", to: VAULT, weak: true }],
  errors: { notFound: "ResourceNotFoundException", inUse: "InvalidRequestException" },
  outputs: (context) => ({
    arn: arn(context, "backup", `backup-plan:${context.id}`),
    version: Buffer.from(uuid(JSON.stringify(context.inputs)))
      .toString("base64")
      .slice(0, 48),
  }),
  validate: ({ inputs }) =>
    refusals(
      ...blocks(inputs.rules).flatMap((rule) => {
        const { coldStorageAfter, deleteAfter } = block(rule.lifecycle);
        const [cold, kept] = [number(coldStorageAfter), number(deleteAfter)];
        const schedule = text(rule.schedule);
        const where = `rule "${text(rule.ruleName) ?? ""}"`;
        return [
          when(
            cold !== undefined && kept !== undefined && kept < cold + 90,
            "InvalidParameterValueException",
            `${where}: deleteAfter must be at least 90 days after coldStorageAfter`,
            SOURCE,
          ),
          when(
            schedule !== undefined && !/^(cron|rate)\(.+\)$/.test(schedule),
            "InvalidParameterValueException",
            `${where}: schedule "${schedule ?? ""}" is cron(…) or rate(…)`,
            SOURCE,
          ),
        ];
      }),
    ),
  seconds: { create: 2 },
};

const selection: ResourceRecord = {
  type: "aws:backup/selection:Selection",
  source: registry("selection"),
  id: ({ world }) => uuid(world.newHexId("selection")),
  autoname: { property: "name", maxLength: 50, pattern: /^[a-zA-Z0-9_.-]+$/ },
  // AWS refuses to delete a plan that has selections.
  references: [{ path: "planId", to: PLAN }],
  replaceOn: ["name", "planId", "iamRoleArn", "resources", "selectionTags", "conditions", "notResources"],
  validate: (context) => {
    const { inputs } = context;
    return refusals(
      roleFor(
        context,
        "iamRoleArn",
        inputs.iamRoleArn,
        "backup.amazonaws.com",
        "InvalidParameterValueException",
        SOURCE,
      ),
      when(
        texts(inputs.resources).some((resource) => resource !== "*" && !resource.startsWith("arn:")),
        "InvalidParameterValueException",
        'resources are ARNs or "*"',
        SOURCE,
      ),
      when(
        !["resources", "selectionTags", "conditions", "notResources"].some((property) => isGiven(inputs[property])),
        "InvalidParameterValueException",
        "a selection needs resources or selectionTags",
        SOURCE,
      ),
    );
  },
};

/** AWS Backup. */
export const backup: readonly ResourceRecord[] = [vault, plan, selection];
