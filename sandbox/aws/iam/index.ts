import type { ResourceRecord } from "../record";
import { policyRecords } from "./policies";
import { roleRecords } from "./roles";

/** AWS Identity and Access Management. */
export const iam: readonly ResourceRecord[] = [...roleRecords, ...policyRecords];
