import * as aws from "@pulumi/aws";
import type { DatabaseConfig } from "./config";

/**
 * The strict mode that the service's migrations need: without STRICT_TRANS_TABLES, which Aurora leaves out, they fail
 * with "ALGORITHM=INPLACE is not supported" (pulumi/pulumi-self-hosted-installers#1239).
 */
const SQL_MODE = [
  "ONLY_FULL_GROUP_BY",
  "STRICT_TRANS_TABLES",
  "NO_ZERO_IN_DATE",
  "NO_ZERO_DATE",
  "ERROR_FOR_DIVISION_BY_ZERO",
  "NO_ENGINE_SUBSTITUTION",
].join(",");

/** Parameters of the whole cluster: set here, not on instances, so that a reader that becomes the writer has them too. */
export function makeParameterGroup({ names, tags, settings }: DatabaseConfig): aws.rds.ClusterParameterGroup {
  const name = names.database("aurora-mysql8");
  return new aws.rds.ClusterParameterGroup(
    "main",
    {
      name,
      family: "aurora-mysql8.0",
      description: "Pulumi: strict SQL mode, slow log and audit log on, general log off",
      parameters: [
        { name: "sql_mode", value: SQL_MODE },
        // Every statement with its values would end up in the general log, and it costs throughput.
        { name: "general_log", value: "0" },
        { name: "slow_query_log", value: "1" },
        { name: "long_query_time", value: "5" },
        { name: "log_output", value: "FILE" },
        { name: "server_audit_logging", value: "1" },
        // Who came and what changed the schema or rights; QUERY would log the data itself.
        { name: "server_audit_events", value: "CONNECT,QUERY_DCL,QUERY_DDL" },
        { name: "require_secure_transport", value: settings.requireTls ? "ON" : "OFF" },
      ],
      tags: { ...tags, Name: name },
    },
    { protect: settings.protect },
  );
}
