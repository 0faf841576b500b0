import { describe, expect, it } from "@jest/globals";
import { kinds, type Kind } from "@selfhosted/common";

const accepts = (kind: Kind<unknown>, value: unknown) => kind.schema.safeParse(value).success;

describe("kinds", () => {
  it.each<[string, Kind<unknown>, unknown[], unknown[]]>([
    [
      "vpc id",
      kinds.id("vpc"),
      ["vpc-12345678", "vpc-0123456789abcdef0"],
      ["vpc-1", "subnet-12345678", "vpc-0123456789ABCDEF0", ""],
    ],
    [
      "role ARN",
      kinds.roleArn(),
      [
        "arn:aws:iam::123456789012:role/path/name",
        "arn:aws-us-gov:iam::123456789012:role/x",
        "arn:aws-cn:iam::123456789012:role/x",
      ],
      ["arn:aws:iam::123456789012:user/x", "arn:aws:iam::1234:role/x", "role/x", "arn:azure:iam::123456789012:role/x"],
    ],
    [
      "KMS key ARN",
      kinds.keyArn(),
      [
        "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4cde-8f01-23456789abcd",
        "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef",
      ],
      ["arn:aws:kms:us-east-1:123456789012:alias/x", "01234567-89ab-4cde-8f01-23456789abcd"],
    ],
    [
      "bucket",
      kinds.bucketName(),
      ["my-bucket", "a.b.c"],
      ["ab", "My-bucket", "a..b", "192.168.0.1", "-x-", "xn--abc", "a".repeat(64)],
    ],
    [
      "CIDR",
      kinds.cidrBlock(16, 28),
      ["10.0.0.0/16", "172.16.4.0/24"],
      ["10.0.0.1/16", "10.0.0.0/8", "10.0.0.0", "300.0.0.0/16", "10.0.0.0/29"],
    ],
    ["port", kinds.port(), [1, 3306, 65535], [0, 65536, 3306.5, "3306"]],
    [
      "host name",
      kinds.hostName(),
      ["db.example.com"],
      ["db", "db..com", "https://db.example.com", "-a.com", "a.com."],
    ],
    [
      "https address",
      kinds.httpsUrl(),
      ["https://a.example.com", "https://a.example.com:9200"],
      ["http://a.example.com", "https://a.example.com/x"],
    ],
    ["Kubernetes version", kinds.kubernetesVersion(), ["1.35"], ["1.30.3", "v1.35", "1", 1.35]],
    ["tags", kinds.tags(), [{}, { team: "x" }], [{ "aws:x": "y" }, { n: 1 }, ["x"]]],
    [
      "kubeconfig",
      kinds.kubeconfig(),
      ['{"clusters":[],"users":[]}', "clusters: []\nusers: []\n"],
      ["~/.kube/config", "{}"],
    ],
  ])("%s", (_name, kind, good, bad) => {
    expect(good.filter((value) => !accepts(kind, value))).toEqual([]);
    expect(bad.filter((value) => accepts(kind, value))).toEqual([]);
  });

  it("never repeats a refused value, which may be a secret", () => {
    const refused = kinds.secret("a key", 8).schema.safeParse("hush");
    expect(JSON.stringify(refused.error)).not.toContain("hush");
  });
});

describe("parseCidr", () => {
  it("gives the first and last address as numbers", () => {
    expect(kinds.parseCidr("10.0.1.0/24")).toEqual({
      address: 0x0a000100,
      prefix: 24,
      first: 0x0a000100,
      last: 0x0a0001ff,
    });
  });
});
