import type { Properties } from "../provider/types";
import type { World } from "../world";

/**
 * One AWS resource type, as the sandbox knows it. The generic provider (`provider.ts`) does everything else: which
 * inputs exist, which are required and which force replacement come from the installed SDK's typings (`typings.ts`);
 * a record says only what the typings don't. Adding a type is adding a record.
 */
export interface ResourceRecord {
  /** Type token, e.g. `aws:ec2/vpc:Vpc`. */
  readonly type: string;
  /** The AWS or Terraform registry page the record was written from. */
  readonly source: string;
  /** The id AWS gives: `vpc-0a1b…`, a name, an ARN. */
  id(context: CreateContext): string;
  /** What `pulumi import` takes instead of the id, where that is something else: `subnet-…/rtb-…`. */
  importId?(object: { readonly id: string; readonly properties: Properties }): string;
  /** Input that becomes the physical name when the program gives none, with AWS's limits. */
  readonly autoname?: { readonly property: string; readonly maxLength: number; readonly pattern?: RegExp };
  /**
   * Computed outputs (ARN, endpoint, …), merged over the inputs on create and on update. A pure function of its
   * arguments: what looks random in AWS is derived from the id (`digest` in `naming.ts`), so that an update doesn't
   * change it. `previous` is set on an update: for counters such as a launch template's `latestVersion`.
   */
  outputs?(context: CreateContext & { readonly id: string; readonly previous?: Properties }): Properties;
  /** AWS's defaults for inputs left out, which a read reports. */
  readonly defaults?: Properties;
  /**
   * Inputs that name another object. Each must exist when this one is created or updated, and blocks the deletion of
   * what it names (`DependencyViolation`, `ResourceInUse`) unless `weak`. `by` is the output that the input holds
   * (default: the id). A `path` may step into lists and nested blocks: `vpcConfig.subnetIds[]`. With several types in
   * `to`, the input may name an object of any of them.
   */
  readonly references?: readonly Reference[];
  /** AWS's codes when this type is named but doesn't exist, and when it is deleted while another object names it. */
  readonly errors?: { readonly notFound?: string; readonly inUse?: string };
  /**
   * What AWS refuses by the inputs and by what they refer to: returns AWS's messages, all of them (`refusals` in
   * `rules.ts`). Called on create and update, previews included; inputs may be `UNKNOWN` then, and such a rule passes.
   */
  validate?(context: ValidateContext): string[];
  /**
   * What AWS refuses because of siblings: a name taken, CIDR blocks that overlap, a priority in use. Called on create
   * and update (`id` is set), but not in previews, where what is about to be deleted is still there.
   */
  conflicts?(context: ValidateContext): string[];
  /** Whether creating one takes over the object of the same id that is there already: a DNS record's `allowOverwrite`. */
  overwrites?(context: CreateContext): boolean;
  /** Inputs that force replacement although the typings' comments don't say so. */
  readonly replaceOn?: readonly string[];
  /** Inputs that force replacement only from certain values to certain others: encryption that is switched off. */
  replacedBy?(previous: Properties, inputs: Properties): string[];
  /** Inputs that change in place although the comments seem to say otherwise. */
  readonly updatable?: readonly string[];
  /** What blocks deletion besides references: a non-empty bucket, deletion protection. Returns AWS's error. */
  blocksDeletion?(context: DeleteContext): string | undefined;
  /**
   * Side effects in the world on create, update or delete (start a Kubernetes API, write a final snapshot); what the
   * first two return is merged over the outputs. What AWS makes along with an object (a VPC's default security group)
   * goes into the world here with `ownedBy` set: it never blocks its owner's deletion and goes with it.
   */
  onCreate?(context: CreateContext & { readonly id: string }): Promise<Properties | undefined>;
  onUpdate?(
    context: CreateContext & { readonly id: string; readonly previous: Properties },
  ): Promise<Properties | undefined>;
  onDelete?(context: DeleteContext): Promise<void>;
  /** Outputs and inputs that the provider marks secret (`masterPassword`, `result`). */
  readonly secrets?: readonly string[];
  /** How long AWS takes, in seconds, median from `reference/performance.md` or a cited page; used by time estimates. */
  readonly seconds?: { readonly create: number; readonly delete?: number };
}

/** An input that names another object, see {@link ResourceRecord.references}. */
export interface Reference {
  readonly path: string;
  readonly to: string | readonly string[];
  readonly by?: string;
  readonly weak?: boolean;
}

export interface CreateContext {
  readonly world: World;
  readonly inputs: Properties;
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly partition: string;
}

export interface ValidateContext extends CreateContext {
  /** Set on an update. */
  readonly id?: string;
  /** In a preview, what is named may be still to be made: then only what has an id that AWS chose can be looked up. */
  readonly preview?: boolean;
}

export interface DeleteContext {
  readonly world: World;
  readonly id: string;
  readonly properties: Properties;
  readonly region: string;
}

/** Where a function (`aws.getAvailabilityZones`, …) is called. */
export type InvokeContext = Pick<CreateContext, "world" | "region" | "account" | "partition">;

/** A function of the provider. @throws AwsError as AWS does, e.g. when what is looked up doesn't exist. */
export type Invoke = (args: Properties, context: InvokeContext) => Properties;
