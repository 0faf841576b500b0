import { describe, expect, it } from "@jest/globals";
import { Account, text } from "./account";
import type { Existing, Properties } from "../../../sandbox/provider/types";

interface Proof {
  readonly domainName: string;
  readonly resourceRecordName: string;
  readonly resourceRecordType: string;
  readonly resourceRecordValue: string;
}

function proofs({ properties }: Existing): Proof[] {
  return properties.domainValidationOptions as unknown as Proof[];
}

async function publish(aws: Account, zoneId: string, proof: Proof): Promise<Existing> {
  return aws.make("route53/record", {
    zoneId,
    name: proof.resourceRecordName,
    type: proof.resourceRecordType,
    records: [proof.resourceRecordValue],
    ttl: 60,
    allowOverwrite: true,
  });
}

const request = { domainName: "api.example.org", validationMethod: "DNS" };

describe("a certificate", () => {
  it("asks for one proof a name, the same for a name and its wildcard, and always the same", async () => {
    const aws = new Account();
    const names = { ...request, subjectAlternativeNames: ["*.api.example.org", "app.example.org"] };
    const [first, second] = [await aws.make("acm/certificate", names), await aws.make("acm/certificate", names)];
    const [api, wildcard, app] = proofs(first);
    expect(proofs(first)).toHaveLength(3);
    expect(api?.resourceRecordName).toMatch(/^_[0-9a-f]{32}\.api\.example\.org\.$/);
    expect(wildcard).toEqual({ ...api, domainName: "*.api.example.org" });
    expect(app?.resourceRecordName).not.toBe(api?.resourceRecordName);
    expect(proofs(second)).toEqual(proofs(first));
    expect(second.id).not.toBe(first.id);
    expect(first.properties).toMatchObject({ arn: first.id, status: "PENDING_VALIDATION" });
  });

  it.each<[Properties, RegExp]>([
    [{ validationMethod: "DNS" }, /domainName/],
    [{ domainName: "api.example.org" }, /validationMethod/],
    [{ ...request, domainName: "localhost" }, /fully qualified/],
    [{ ...request, domainName: `${"a".repeat(60)}.example.org` }, /64/],
    [{ ...request, validationMethod: "HTTP" }, /validationMethod/],
    [{ ...request, subjectAlternativeNames: Array.from({ length: 10 }, (_, n) => `${n}.example.org`) }, /at most 10/],
    [{ certificateBody: "x" }, /privateKey/],
  ])("is refused with %j", async (inputs, reason) => {
    await expect(new Account().make("acm/certificate", inputs)).rejects.toThrow(reason);
  });
});

describe("the wait for a certificate", () => {
  it("ends when public DNS answers with every proof", async () => {
    const aws = new Account();
    const zone = await aws.make("route53/zone", { name: "example.org" });
    const certificate = await aws.make("acm/certificate", {
      ...request,
      subjectAlternativeNames: ["app.example.org"],
    });
    const certificateArn = certificate.id;
    const [api, app] = proofs(certificate);
    if (!api || !app) throw new Error("two names, two proofs");
    await publish(aws, zone.id, api);
    await expect(aws.make("acm/certificateValidation", { certificateArn })).rejects.toThrow(
      /timeout while waiting for state to become 'ISSUED'.*app\.example\.org lacks/,
    );
    const record = await publish(aws, zone.id, app);
    await aws.make("acm/certificateValidation", { certificateArn });
    expect(aws.world.get("aws:acm/certificate:Certificate", certificateArn)?.properties.status).toBe("ISSUED");
    // Nothing looks at the records again before the renewal.
    await aws.destroy("route53/record", record);
    const changed = await aws.update("acm/certificate", certificate, { ...request, tags: { a: "b" } });
    expect(changed.properties.status).toBe("ISSUED");
  });

  it("doesn't end for a private zone, nor for another value", async () => {
    const aws = new Account();
    const { vpcId } = await aws.network(1);
    const certificate = await aws.make("acm/certificate", request);
    const [proof] = proofs(certificate);
    if (!proof) throw new Error("one name, one proof");
    const inside = await aws.make("route53/zone", { name: "example.org", vpcs: [{ vpcId }] });
    await publish(aws, inside.id, proof);
    const outside = await aws.make("route53/zone", { name: "example.org" });
    await publish(aws, outside.id, { ...proof, resourceRecordValue: "_other.acm-validations.aws." });
    await expect(aws.make("acm/certificateValidation", { certificateArn: certificate.id })).rejects.toThrow(
      /PENDING_VALIDATION/,
    );
  });

  it("is for the proofs it was told of", async () => {
    const aws = new Account();
    const certificate = await aws.make("acm/certificate", request);
    const validation = { certificateArn: certificate.id, validationRecordFqdns: ["other.example.org"] };
    await expect(aws.make("acm/certificateValidation", validation)).rejects.toThrow(/missing DNS validation record/);
  });

  it("is for a certificate of the same Region", async () => {
    const aws = new Account();
    const certificate = await aws.make("acm/certificate", { ...request, region: "us-east-1" });
    expect(text(certificate.properties, "arn")).toContain(":us-east-1:");
    await expect(aws.make("acm/certificateValidation", { certificateArn: certificate.id })).rejects.toThrow(
      /ResourceNotFoundException/,
    );
  });
});
