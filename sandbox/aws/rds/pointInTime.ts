import { findKey } from "../kms";
import type { CreateContext, ValidateContext } from "../record";
import { refusals, when, type Refusal } from "../rules";
import { block, flag, isGiven, number, text } from "../values";
import { CLUSTER } from "./names";

const RESTORE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterToPointInTime.html";
const CLONE = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Clone.html";
const DAY_MS = 24 * 3600 * 1000;

/** The cluster of this Region whose past, or present, a new one starts from. */
export function sourceOf({ world, inputs, region }: Pick<CreateContext, "world" | "inputs" | "region">) {
  const source = text(block(inputs.restoreToPointInTime).sourceClusterIdentifier);
  if (source === undefined) return undefined;
  return world.find(CLUSTER, (one) => one.region === region && [one.id, one.properties.arn].includes(source));
}

/** What RDS refuses of a new cluster that starts from another one's past, or as its clone. */
export function pastRules(context: ValidateContext): Refusal {
  const { inputs, world, region } = context;
  if (!isGiven(inputs.restoreToPointInTime)) return undefined;
  const point = block(inputs.restoreToPointInTime);
  const source = sourceOf(context);
  const [wanted, latest] = [text(point.restoreToTime), flag(point.useLatestRestorableTime) === true];
  const clone = point.restoreType === "copy-on-write";
  if (source === undefined) {
    const name = text(point.sourceClusterIdentifier) ?? "";
    return when(true, "DBClusterNotFoundFault", `DBCluster ${name} not found in ${region}`, clone ? CLONE : RESTORE);
  }
  const days = number(source.properties.backupRetentionPeriod) ?? 1;
  const earliest = Math.max(Date.parse(source.createdAt), Date.now() - days * DAY_MS);
  const key = text(source.properties.kmsKeyId);
  const encrypted = flag(source.properties.storageEncrypted) === true;
  const time = Date.parse(wanted ?? "");
  return refusals(
    when(
      wanted === undefined && !latest,
      "InvalidParameterCombination",
      "restoreToPointInTime needs restoreToTime or useLatestRestorableTime",
      RESTORE,
    ),
    when(
      wanted !== undefined && (latest || clone),
      "InvalidParameterCombination",
      `restoreToTime can't be specified ${clone ? "if restoreType is copy-on-write" : "with useLatestRestorableTime"}`,
      RESTORE,
    ),
    when(
      time < earliest || time > Date.now(),
      "InvalidParameterValue",
      `The specified restore time ${wanted ?? ""} is not between the earliest, ${new Date(earliest).toISOString()}, and the latest restorable time`,
      RESTORE,
    ),
    when(
      isGiven(inputs.engine) && inputs.engine !== source.properties.engine,
      "InvalidParameterCombination",
      `the source is of ${text(source.properties.engine) ?? ""}`,
      RESTORE,
    ),
    when(
      !encrypted && isGiven(inputs.kmsKeyId),
      "InvalidParameterCombination",
      "a cluster that isn't encrypted can't be restored as an encrypted one",
      RESTORE,
    ),
    when(
      encrypted && key !== undefined && findKey(world, key) === undefined,
      "KMSKeyNotAccessibleFault",
      `The source is encrypted with ${key ?? ""}, which is deleted or disabled`,
      RESTORE,
    ),
  );
}
