import type { ResourceRecord } from "../record";
import { serviceRecords } from "./services";
import { taskRecords } from "./taskDefinitions";

/** Amazon Elastic Container Service. */
export const ecs: readonly ResourceRecord[] = [...serviceRecords, ...taskRecords];
