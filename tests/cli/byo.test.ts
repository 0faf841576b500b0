import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { assignments, parseValues, stackOf, startFile } from "@selfhosted/cli/byo";

const network = [
  "vpcId=vpc-0123456789abcdef0",
  "publicSubnetIds=subnet-0123456789abcdef0,subnet-0123456789abcdef1",
  'privateSubnetIds=["subnet-0123456789abcdef2","subnet-0123456789abcdef3"]',
  "isolatedSubnetIds=subnet-0123456789abcdef4,subnet-0123456789abcdef5",
];

describe("byo", () => {
  it("knows a stack by folder, number and name, and lists the folders otherwise", () => {
    expect([stackOf("02-networking/"), stackOf("02"), stackOf("networking")]).toEqual(Array(3).fill("networking"));
    expect(() => stackOf("network")).toThrow("name one of 01-iam, 02-networking");
  });

  it("takes lists with commas or as JSON", () => {
    const values = parseValues("networking", network);
    expect(values["privateSubnetIds"]).toEqual(["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]);
    expect(values["publicSubnetIds"]).toEqual(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]);
  });

  it("refuses unknown keys, values of another kind and half a set, all at once", () => {
    expect(() => parseValues("networking", ["vpcId=my-vpc", "zone=a"])).toThrow(
      /vpcId must be an id like vpc-[\s\S]*zone is no output of 02-networking[\s\S]*the network is half given: add publicSubnetIds=…/,
    );
  });

  it("gives every consumer the keys that it reads and no other, secrets as secrets", () => {
    const consumers = assignments("networking", parseValues("networking", network));
    expect(consumers.map(({ folder }) => folder)).toEqual(
      expect.arrayContaining(["03-cluster", "04-cluster-services", "05-database", "06-insights", "08-service"]),
    );
    const database = consumers.find(({ folder }) => folder === "05-database");
    expect(Object.keys(database?.values ?? {})).not.toContain("selfhosted-05-database:publicSubnetIds");
    const search = ["searchEndpoint=https://s.example.com", "searchUsername=admin", "searchPassword=Secret-1-Secret"];
    const [service] = assignments("insights", parseValues("insights", search));
    expect(service?.values["selfhosted-08-service:searchPassword"]).toEqual({ value: "Secret-1-Secret", secret: true });
  });

  it("begins a stack's file as a copy of EXAMPLE, and leaves one alone that is there", () => {
    const folder = mkdtempSync(join(tmpdir(), "byo-"));
    const file = join(folder, "Pulumi.prod.yaml");
    writeFileSync(join(folder, "Pulumi.EXAMPLE.yaml"), "example");
    startFile(folder, "my-organization/prod");
    expect(readFileSync(file, "utf8")).toBe("example");
    writeFileSync(file, "with values");
    startFile(folder, "prod");
    expect(readFileSync(file, "utf8")).toBe("with values");
    rmSync(folder, { recursive: true });
  });
});
