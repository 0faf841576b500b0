import { shared } from "@selfhosted/common";
import type { IamConfig } from "../config";
import { allow, document, type Document, type Statement } from "./document";
import { scopeOf } from "./scope";

/**
 * Rights of the Lambda function that runs the service's one-shot tasks on Fargate (08): to start just these tasks in just
 * this cluster, to see how they end, and to stop one that never does.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function taskRunnerPolicy(config: IamConfig, roleArns: readonly string[]): Document<Statement> {
  const { arn } = scopeOf(config);
  const { names } = config;
  const inCluster = { ArnEquals: { "ecs:cluster": arn("ecs", `cluster/${names.cluster()}`) } };
  const families = [shared.serviceAccounts.migrations, shared.databaseUser].map((name) => names.of(name));
  const tasks = arn("ecs", `task/${names.cluster()}/*`);
  const logGroup = arn("logs", `log-group:${names.logGroup(shared.taskRunner)}`);
  return document(
    allow(
      "RunTasks",
      "ecs:RunTask",
      families.map((family) => arn("ecs", `task-definition/${family}:*`)),
      inCluster,
    ),
    // Its resource are the instances that tasks could run on, although Fargate has none.
    allow("FindTasks", "ecs:ListTasks", arn("ecs", `container-instance/${names.cluster()}/*`), inCluster),
    allow("WatchTasks", ["ecs:DescribeTasks", "ecs:StopTask"], tasks, inCluster),
    allow("TagTasks", "ecs:TagResource", tasks, { StringEquals: { "ecs:CreateAction": "RunTask" } }),
    allow("PassTaskRoles", "iam:PassRole", roleArns, {
      StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    }),
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], `${logGroup}:*`),
  );
}

/**
 * Rights of a task that people may open a shell in. None of these actions knows a resource; the session is encrypted with
 * the tasks' key, which 08 makes, and that key alone is granted.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
 */
export function shellPolicy(config: IamConfig): Document<Statement> {
  const { arn } = scopeOf(config);
  return document(
    allow(
      "OpenShell",
      [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      "*",
    ),
    allow("EncryptShell", "kms:Decrypt", arn("kms", "key/*"), {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": [config.names.keyAlias(shared.keyAliases.tasks)] },
    }),
  );
}
