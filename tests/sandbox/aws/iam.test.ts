import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { UNKNOWN } from "../../../sandbox/provider/types";
import { Account, policy, text, trust } from "./account";

const allowS3 = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });

describe("IAM", () => {
  it("shapes a role's ARN and unique id as IAM does", async () => {
    const account = new Account("us-gov-west-1");
    const { id, properties } = await account.make("iam/role", {
      name: "api",
      path: "/team/",
      assumeRolePolicy: trust("pods.eks.amazonaws.com"),
    });
    expect(id).toBe("api");
    expect(properties).toMatchObject({
      arn: "arn:aws-us-gov:iam::123456789012:role/team/api",
      maxSessionDuration: 3600,
    });
    expect(properties["uniqueId"]).toMatch(/^AROA[A-Z2-7]{17}$/);
  });

  it.each<[rule: string, inputs: Properties, code: string]>([
    ["a trust policy that is no JSON", { assumeRolePolicy: "{" }, "MalformedPolicyDocument"],
    [
      "a trust policy without Principal",
      { assumeRolePolicy: policy({ Effect: "Allow", Action: "sts:AssumeRole" }) },
      "give Principal",
    ],
    [
      "a trust policy that names a Resource",
      {
        assumeRolePolicy: policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" }, Resource: "*" }),
      },
      "has no Resource",
    ],
    [
      "a trust in a role that doesn't exist",
      {
        assumeRolePolicy: policy({
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { AWS: "arn:aws:iam::123456789012:role/nobody" },
        }),
      },
      "invalid principal",
    ],
    ["sessions of over 12 hours", { maxSessionDuration: 43_201 }, "maxSessionDuration"],
    [
      "a permissions boundary that doesn't exist",
      { permissionsBoundary: "arn:aws:iam::123456789012:policy/none" },
      "NoSuchEntity",
    ],
    [
      "an AWS managed policy without its path",
      { managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicy"] },
      "NoSuchEntity",
    ],
    [
      "a managed policy of another partition",
      { managedPolicyArns: ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"] },
      "NoSuchEntity",
    ],
    ["a path without its slashes", { path: "team" }, "path"],
  ])("refuses %s", async (_rule, inputs, message) => {
    const role = { name: "role", assumeRolePolicy: trust("ec2.amazonaws.com"), ...inputs };
    await expect(new Account().make("iam/role", role)).rejects.toThrow(message);
  });

  it("refuses a name of over 64 characters, and a name that is taken", async () => {
    const account = new Account();
    const assumeRolePolicy = trust("ec2.amazonaws.com");
    await expect(account.make("iam/role", { name: "r".repeat(65), assumeRolePolicy })).rejects.toThrow("64");
    await account.make("iam/role", { name: "role", assumeRolePolicy });
    await expect(account.make("iam/role", { name: "role", assumeRolePolicy })).rejects.toThrow("EntityAlreadyExists");
  });

  it.each<[rule: string, statement: Properties, message: string]>([
    ["an unknown effect", { Effect: "Permit", Action: "s3:*", Resource: "*" }, "Effect"],
    ["an action without a service", { Effect: "Allow", Action: "GetObject", Resource: "*" }, "service:Action"],
    ["no resource", { Effect: "Allow", Action: "s3:*" }, "Resource"],
    ["a resource that is no ARN", { Effect: "Allow", Action: "s3:*", Resource: "my-bucket" }, "must be an ARN"],
    ["a principal", { Effect: "Allow", Action: "s3:*", Resource: "*", Principal: "*" }, "has no Principal"],
    ["a misspelt element", { Effect: "Allow", Action: "s3:*", Resource: "*", Conditions: {} }, "Conditions"],
  ])("refuses a customer's policy with %s", async (_rule, statement, message) => {
    await expect(new Account().make("iam/policy", { policy: policy(statement) })).rejects.toThrow(message);
  });

  it("refuses a policy of over 6,144 characters", async () => {
    const resources = Array.from(
      { length: 200 },
      (_, index) => `arn:aws:s3:::a-bucket-with-quite-a-long-name-${index}/*`,
    );
    const long = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: resources });
    await expect(new Account().make("iam/policy", { policy: long })).rejects.toThrow("LimitExceeded");
  });

  it("deletes a role only when nothing is attached any more", async () => {
    const account = new Account();
    const role = await account.make("iam/role", { name: "api", assumeRolePolicy: trust("ec2.amazonaws.com") });
    const inline = await account.make("iam/rolePolicy", { role: "api", name: "own", policy: allowS3 });
    await expect(account.destroy("iam/role", role)).rejects.toThrow("DeleteConflict");
    await account.destroy("iam/rolePolicy", inline);
    const attached = await account.make("iam/policy", { name: "read", policy: allowS3 });
    const policyArn = text(attached.properties, "arn");
    const attachment = await account.make("iam/rolePolicyAttachment", { role: "api", policyArn });
    await expect(account.destroy("iam/role", role)).rejects.toThrow("DeleteConflict");
    await expect(account.destroy("iam/policy", attached)).rejects.toThrow("DeleteConflict");
    await account.destroy("iam/rolePolicyAttachment", attachment);
    await account.destroy("iam/policy", attached);
    await account.destroy("iam/role", role);
    expect(account.world.all()).toEqual([]);
  });

  it("looks nothing up by name in a preview, where it may be still to be made", async () => {
    const account = new Account();
    const policyArn = "arn:aws:iam::123456789012:policy/later";
    await expect(account.preview("iam/rolePolicyAttachment", { role: "later", policyArn })).resolves.toBeDefined();
    await expect(
      account.preview("iam/rolePolicyAttachment", { role: UNKNOWN, policyArn: UNKNOWN }),
    ).resolves.toBeDefined();
    await expect(account.make("iam/rolePolicyAttachment", { role: "later", policyArn })).rejects.toThrow(
      "NoSuchEntity",
    );
  });
});
