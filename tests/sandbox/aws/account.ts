import { tmpdir } from "node:os";
import { join } from "node:path";
import { Accounts } from "../../../sandbox/aws/accounts";
import { AwsProvider } from "../../../sandbox/aws/provider";
import { invokes, table } from "../../../sandbox/aws/table";
import { Faults } from "../../../sandbox/faults";
import type { DiffResult, Existing, Identity, Properties } from "../../../sandbox/provider/types";
import { Typings } from "../../../sandbox/provider/typings";
import { World } from "../../../sandbox/world";

/** Typings are read with the TypeScript compiler, which is slow: once per machine is enough. */
const typings = new Typings("aws", join(tmpdir(), "selfhosted-sandbox-typings"));

/** A pretended AWS account in memory, reached through the generic provider as an engine would. */
export class Account {
  readonly world = new World();
  private readonly provider = new AwsProvider({
    version: "test",
    accounts: new Accounts(this.world),
    table,
    invokes,
    typings,
    faults: new Faults(join(tmpdir(), "no-faults-here")),
    patience: 0,
  });

  constructor(private readonly region = "us-west-2") {}

  /** Makes an object. @param type Without `aws:` and class: `ec2/vpc`. @throws Error as AWS refuses. */
  async make(type: string, inputs: Properties = {}, name = "test"): Promise<Existing> {
    const resource = identity(type, name);
    const checked = await this.checked(resource, inputs, undefined);
    return this.provider.create(resource, checked, false, { region: this.region });
  }

  /** What a preview says of an object to be made. */
  async preview(type: string, inputs: Properties = {}): Promise<Existing> {
    const resource = identity(type, "test");
    return this.provider.create(resource, await this.checked(resource, inputs, undefined), true, {
      region: this.region,
    });
  }

  async update(type: string, existing: Existing, inputs: Properties): Promise<Existing> {
    const resource = identity(type, "test");
    const before = this.world.get(resource.type, existing.id)?.inputs ?? {};
    const checked = await this.checked(resource, inputs, before);
    return this.provider.update(resource, existing.id, existing.properties, checked, false, { region: this.region });
  }

  /** How other inputs would change what was made. */
  async diff(type: string, existing: Existing, inputs: Properties): Promise<DiffResult> {
    const resource = identity(type, "test");
    const before = this.world.get(resource.type, existing.id)?.inputs ?? {};
    const checked = await this.checked(resource, inputs, before);
    return this.provider.diff(resource, existing.id, { ...existing, inputs: before }, checked);
  }

  async destroy(type: string, existing: Existing): Promise<void> {
    const { id, properties } = existing;
    await this.provider.delete(identity(type, "test"), id, properties, { region: this.region });
  }

  async call(token: string, args: Properties = {}): Promise<Properties> {
    return this.provider.invoke(token, args, { region: this.region });
  }

  /** A role that a service may take on; returns its ARN. */
  async role(name: string, service: string): Promise<string> {
    const { properties } = await this.make("iam/role", { name, assumeRolePolicy: trust(service) }, name);
    return text(properties, "arn");
  }

  /** A VPC 10.0.0.0/16 with `count` subnets 10.0.<n>.0/24, each in a zone of its own. */
  async network(count = 3): Promise<{ vpcId: string; subnetIds: string[] }> {
    const { id: vpcId } = await this.make("ec2/vpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true });
    const subnetIds: string[] = [];
    for (const [index, letter] of ["a", "b", "c"].slice(0, count).entries()) {
      const inputs = { vpcId, cidrBlock: `10.0.${index}.0/24`, availabilityZone: `${this.region}${letter}` };
      subnetIds.push((await this.make("ec2/subnet", inputs)).id);
    }
    return { vpcId, subnetIds };
  }

  private async checked(resource: Identity, inputs: Properties, previous: Properties | undefined): Promise<Properties> {
    const configuration = { region: this.region };
    const seed = Buffer.from(`seed of ${resource.name}`);
    const { inputs: checked, failures } = await this.provider.check(resource, inputs, previous, configuration, seed);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    return checked;
  }
}

/** A trust policy for one service. */
export function trust(service: string): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole", "sts:TagSession"] };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** A policy of one statement. */
export function policy(statement: Properties): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** A property that must be a text. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value !== "string") throw new Error(`${name} is no text: ${JSON.stringify(value)}`);
  return value;
}

function identity(type: string, name: string): Identity {
  const file = type.split("/")[1] ?? "";
  const token = `aws:${type}:${file.charAt(0).toUpperCase()}${file.slice(1)}`;
  return { urn: `urn:pulumi:test::test::${token}::${name}`, type: token, name };
}
