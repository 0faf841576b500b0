import { describe, expect, it } from "@jest/globals";
import type { Properties } from "../../../sandbox/provider/types";
import { Account, text } from "./account";

const container = { name: "api", image: "api:1", portMappings: [{ containerPort: 8080 }] };
const fargate = {
  family: "api",
  requiresCompatibilities: ["FARGATE"],
  networkMode: "awsvpc",
  cpu: "1024",
  memory: "2048",
  containerDefinitions: JSON.stringify([container]),
};

describe("ECS", () => {
  it.each<[rule: string, inputs: Properties, message: string]>([
    ["sizes that Fargate doesn't have", { cpu: "1024", memory: "1024" }, "No Fargate configuration exists"],
    ["another network mode than Fargate's", { networkMode: "bridge" }, "awsvpc"],
    ["containers that are no JSON", { containerDefinitions: "[" }, "no JSON list"],
    ["no container", { containerDefinitions: "[]" }, "cannot be empty"],
    ["two containers of one name", { containerDefinitions: JSON.stringify([container, container]) }, "unique"],
    [
      "a longer stop than Fargate grants",
      { containerDefinitions: JSON.stringify([{ ...container, stopTimeout: 130 }]) },
      "stopTimeout is 130",
    ],
    [
      "capabilities that Fargate doesn't add",
      {
        containerDefinitions: JSON.stringify([
          { ...container, linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } },
        ]),
      },
      "SYS_PTRACE",
    ],
    [
      "more than 64 KiB",
      { containerDefinitions: JSON.stringify([{ ...container, command: ["x".repeat(66_000)] }]) },
      "64 KiB",
    ],
    [
      "logs without an execution role",
      { containerDefinitions: JSON.stringify([{ ...container, logConfiguration: { logDriver: "awslogs" } }]) },
      "execution role",
    ],
    [
      "a volume that it doesn't have",
      { containerDefinitions: JSON.stringify([{ ...container, mountPoints: [{ sourceVolume: "other" }] }]) },
      "Unknown volume 'other'",
    ],
    [
      "a container that waits for none of its own",
      { containerDefinitions: JSON.stringify([{ ...container, dependsOn: [{ containerName: "other" }] }]) },
      "depends on other",
    ],
  ])("refuses a task definition with %s", async (_rule, inputs, message) => {
    await expect(new Account().make("ecs/taskDefinition", { ...fargate, ...inputs })).rejects.toThrow(message);
  });

  it("numbers the revisions of a family", async () => {
    const account = new Account();
    await account.make("ecs/taskDefinition", fargate);
    const { properties } = await account.make("ecs/taskDefinition", { ...fargate, cpu: "2048", memory: "4096" });
    expect(text(properties, "arn")).toBe("arn:aws:ecs:us-west-2:123456789012:task-definition/api:2");
  });

  it("refuses services without a network, on ports that no container has, in clusters that don't exist", async () => {
    const account = new Account();
    const { subnetIds } = await account.network(2);
    const task = await account.make("ecs/taskDefinition", fargate);
    const service = { name: "api", launchType: "FARGATE", taskDefinition: text(task.properties, "arn") };
    await expect(account.make("ecs/service", { ...service, cluster: "none" })).rejects.toThrow(
      "ClusterNotFoundException",
    );
    const cluster = await account.make("ecs/cluster", { name: "main" });
    const inCluster = { ...service, cluster: cluster.id };
    await expect(account.make("ecs/service", inCluster)).rejects.toThrow("Network Configuration");
    const networked = { ...inCluster, networkConfiguration: { subnets: subnetIds } };
    await expect(account.make("ecs/service", { ...networked, enableExecuteCommand: true })).rejects.toThrow(
      "valid taskRoleArn",
    );
    const loadBalancers = [{ containerName: "api", containerPort: 9090 }];
    await expect(account.make("ecs/service", { ...networked, loadBalancers })).rejects.toThrow("container port 9090");
    await expect(account.make("ecs/service", { ...networked, healthCheckGracePeriodSeconds: 60 })).rejects.toThrow(
      "only valid for services configured to use load balancers",
    );
    const { id: vpcId } = await account.make("ec2/vpc", { cidrBlock: "10.9.0.0/16" });
    const group = await account.make("lb/targetGroup", {
      name: "api",
      port: 8080,
      protocol: "HTTP",
      targetType: "ip",
      vpcId,
    });
    const unused = [{ containerName: "api", containerPort: 8080, targetGroupArn: text(group.properties, "arn") }];
    await expect(account.make("ecs/service", { ...networked, loadBalancers: unused })).rejects.toThrow(
      "does not have an associated load balancer",
    );
    await account.make("ecs/service", networked);
    await expect(account.destroy("ecs/cluster", cluster)).rejects.toThrow("ClusterContainsServicesException");
  });

  it("scales only services that exist, between sensible bounds", async () => {
    const account = new Account();
    const target = { serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount" };
    const bounds = { minCapacity: 1, maxCapacity: 4 };
    const missing = { ...target, ...bounds, resourceId: "service/main/api" };
    await expect(account.make("appautoscaling/target", missing)).rejects.toThrow("doesn't exist");
    const reversed = { ...missing, minCapacity: 5 };
    await expect(account.make("appautoscaling/target", reversed)).rejects.toThrow("greater than maxCapacity");
  });
});
