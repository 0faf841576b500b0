import { arn, parseArn, type Place } from "../naming";
import type { Invoke } from "../record";
import { block, blocks, text, texts } from "../values";
import type { WorldObject } from "../../world";

/** Types whose outputs hold no ARN, and what theirs ends in. Source: AWS's Service Authorization Reference, EC2. */
const WITHOUT_ARN: Readonly<Record<string, string>> = { "aws:ec2/natGateway:NatGateway": "natgateway" };

/** The Resource Groups Tagging API: what carries all of certain tags in a Region. */
export const tagging: Readonly<Record<string, Invoke>> = {
  "aws:resourcegroupstaggingapi/getResources:getResources": (args, context) => {
    const filters = blocks(args.tagFilters).map((filter) => ({ key: text(filter.key), values: texts(filter.values) }));
    const types = texts(args.resourceTypeFilters);
    const found = context.world
      .all()
      .filter(({ region }) => region === context.region)
      .flatMap((object) => {
        const resourceArn = arnOf(object, context);
        const tags = { ...block(object.properties.tags), ...block(object.properties.tagsAll) };
        const carries = filters.every(
          ({ key = "", values }) =>
            key in tags && (values.length === 0 || values.some((wanted) => wanted === tags[key])),
        );
        const isWanted = types.length === 0 || types.some((type) => resourceArn !== undefined && is(resourceArn, type));
        // IAM's roles and users are not among the services that the API supports.
        if (resourceArn === undefined || resourceArn.includes(":iam:") || !carries || !isWanted) return [];
        return [{ resourceArn, tags, complianceDetails: [] }];
      });
    return { ...args, id: context.region, resourceTagMappingLists: found };
  },
};

function arnOf({ type, id, properties }: WorldObject, place: Place): string | undefined {
  const resource = WITHOUT_ARN[type];
  return (
    text(properties.arn) ?? text(properties.associationArn) ?? (resource && arn(place, "ec2", `${resource}/${id}`))
  );
}

/** `service` or `service:type`, the type being how the ARN's last part begins. Source: GetResources, ResourceTypeFilters. */
function is(resourceArn: string, type: string): boolean {
  const [service, kind] = type.split(":");
  const parsed = parseArn(resourceArn);
  if (parsed?.service !== service) return false;
  return kind === undefined || parsed?.resource.split(/[/:]/)[0] === kind;
}
