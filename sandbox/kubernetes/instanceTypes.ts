/** What a node of one EC2 instance type offers to pods. */
export interface Capacity {
  readonly cpu: number;
  readonly memoryMi: number;
  readonly pods: number;
  readonly architecture: "amd64" | "arm64";
}

/** vCPUs by size, of current general-purpose, compute and memory families (EC2 user guide, instance type specifications). */
const vcpus: Readonly<Record<string, number>> = {
  nano: 2,
  micro: 2,
  small: 2,
  medium: 1,
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "3xlarge": 12,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
  "24xlarge": 96,
};

/** GiB a vCPU, by the family's first letter. */
const memoryRatio: Readonly<Record<string, number>> = { c: 2, m: 4, t: 4, r: 8, x: 16 };

/** GiB of the burstable sizes, which don't follow the ratio. */
const burstable: Readonly<Record<string, number>> = { nano: 0.5, micro: 1, small: 2, medium: 4 };

/**
 * Pods a node takes with the VPC CNI's defaults: addresses of its network interfaces
 * (github.com/awslabs/amazon-eks-ami, eni-max-pods.txt).
 */
const maxPods: Readonly<Record<string, number>> = {
  nano: 4,
  micro: 4,
  small: 11,
  medium: 8,
  large: 29,
  xlarge: 58,
  "2xlarge": 58,
  "3xlarge": 58,
  "4xlarge": 234,
};

/** Capacity of an instance type, e.g. `m6i.large`. */
export function capacityOf(instanceType: string): Capacity {
  const [family = "", size = ""] = instanceType.split(".");
  const isBurstable = family.startsWith("t");
  const cpu = isBurstable && size === "medium" ? 2 : vcpus[size];
  if (cpu === undefined) {
    throw new Error(
      `The sandbox doesn't know the EC2 instance type "${instanceType}"; add its size to sandbox/kubernetes/instanceTypes.ts.`,
    );
  }
  const gibibytes = (isBurstable ? burstable[size] : undefined) ?? cpu * (memoryRatio[family.charAt(0)] ?? 4);
  const pods = isBurstable && size === "medium" ? 17 : isBurstable && size === "large" ? 35 : (maxPods[size] ?? 234);
  return { cpu, memoryMi: gibibytes * 1024, pods, architecture: /^\w+\d+g/.test(family) ? "arm64" : "amd64" };
}

/**
 * What is left for pods after the node's own reservation: CPU 6 % of the first core, 1 % of the second, 0.5 % of the
 * next two and 0.25 % of the rest; memory 11 MiB a pod and 255 MiB, and 100 MiB kept from eviction (EKS AMI bootstrap).
 */
export function allocatable({ cpu, memoryMi, pods }: Capacity): { cpu: string; memory: string; pods: string } {
  const shares = Array.from({ length: cpu }, (_, core) => (core === 0 ? 60 : core === 1 ? 10 : core < 4 ? 5 : 2.5));
  const reserved = shares.reduce((sum, share) => sum + share, 0);
  return {
    cpu: `${Math.floor(cpu * 1000 - reserved)}m`,
    memory: `${Math.floor(memoryMi - 11 * pods - 255 - 100)}Mi`,
    pods: String(pods),
  };
}
