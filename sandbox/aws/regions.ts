import { AwsError } from "./errors";

/**
 * What differs from one AWS Region to the next: the letters of its Availability Zones, and the Route 53 hosted zones of
 * its Application Load Balancers, Network Load Balancers and S3 websites (none published yet for the newest Regions).
 * Sources: docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html and
 * docs.aws.amazon.com/general/latest/gr/{elb,s3}.html
 */
const facts: Readonly<Record<string, readonly [letters: string, alb: string, nlb: string, s3?: string]>> = {
  "af-south-1": ["abc", "Z268VQBMOI5EKX", "Z203XCE67M25HM", "Z83WF9RJE8B12"],
  "ap-east-1": ["abc", "Z3DQVH9N71FHZ0", "Z12Y7K3UBGUAD1", "ZNB98KWMFR0R6"],
  "ap-east-2": ["abc", "Z02789141MW7T1WBU19PO", "Z09176273OC2HWIAUNYW"],
  "ap-northeast-1": ["acd", "Z14GRHDCWA56QT", "Z31USIVHYNEOWT", "Z2M4EHUR26P7ZW"],
  "ap-northeast-2": ["abcd", "ZWKZPGTI48KDX", "ZIBE1TIR4HY56", "Z3W03O7B5YMIYP"],
  "ap-northeast-3": ["abc", "Z5LXEXXYW11ES", "Z1GWIQ4HH19I5X", "Z2YQB5RD63NC85"],
  "ap-south-1": ["abc", "ZP97RAFLXTNZK", "ZVDDRBQ08TROA", "Z11RGJOFQNVJUP"],
  "ap-south-2": ["abc", "Z0173938T07WNTVAEPZN", "Z0711778386UTO08407HT", "Z02976202B4EZMXIPMXF7"],
  "ap-southeast-1": ["abc", "Z1LMS91P8CMLE5", "ZKVM4W9LS7TM", "Z3O0J2DXBE1FTB"],
  "ap-southeast-2": ["abc", "Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD", "Z1WCIGYICN2BYD"],
  "ap-southeast-3": ["abc", "Z08888821HLRG5A9ZRTER", "Z01971771FYVNCOVWJU1G", "Z01846753K324LI26A3VV"],
  "ap-southeast-4": ["abc", "Z09517862IB2WZLPXG76F", "Z01156963G8MIIL7X90IV", "Z0312387243XT5FE14WFO"],
  "ap-southeast-5": ["abc", "Z06010284QMVVW7WO5J", "Z026317210H9ACVTRO6FB", "Z08660063OXLMA7F1FJHU"],
  "ap-southeast-6": ["abc", "Z023301818UFJ50CIO0MV", "Z01392953RKV2Q3RBP0KU"],
  "ap-southeast-7": ["abc", "Z0390008CMBRTHFGWBCB", "Z054363131YWATEMWRG5L"],
  "ca-central-1": ["abd", "ZQSVJUPU6J1EY", "Z2EPGBW3API2WT", "Z1QDHH18159H29"],
  "ca-west-1": ["abc", "Z06473681N0SF6OS049SD", "Z02754302KBB00W2LKWZ9", "Z03565811Z33SLEZTHOUL"],
  "eu-central-1": ["abc", "Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90", "Z21DNDUVLTQW6Q"],
  "eu-central-2": ["abc", "Z06391101F2ZOEP8P5EB3", "Z02239872DOALSIDCX66S", "Z030506016YDQGETNASS"],
  "eu-north-1": ["abc", "Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM", "Z3BAZG2TWCNX0D"],
  "eu-south-1": ["abc", "Z3ULH7SSC9OV64", "Z23146JA1KNAFP", "Z30OZKI7KPW7MI"],
  "eu-south-2": ["abc", "Z0956581394HF5D5LXGAP", "Z1011216NVTVYADP1SSV", "Z0081959F7139GRJC19J"],
  "eu-west-1": ["abc", "Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F", "Z1BKCTXD74EZPE"],
  "eu-west-2": ["abc", "ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G", "Z3GKZC51ZF0DB4"],
  "eu-west-3": ["abc", "Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5", "Z3R1K369G5AVDG"],
  "il-central-1": ["abc", "Z09170902867EHPV2DABU", "Z0313266YDI6ZRHTGQY4", "Z09640613K4A3MN55U7GU"],
  "me-central-1": ["abc", "Z08230872XQRWHG2XF6I", "Z00282643NTTLPANJJG2P", "Z06143092I8HRXZRUZROF"],
  "me-south-1": ["abc", "ZS929ML54UICD", "Z3QSRYVP46NYYV", "Z1MPMWCPA7YB62"],
  "mx-central-1": ["abc", "Z023552324OKD1BB28BH5", "Z02031231H3ID6HYJ9A7U"],
  "sa-east-1": ["abc", "Z2P70J7HTTTPLU", "ZTK26PT1VY4CU", "Z7KQH4QJS55SO"],
  "us-east-1": ["abcdef", "Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI", "Z3AQBSTGFYJSTF"],
  "us-east-2": ["abc", "Z3AADJGX6KTTL2", "ZLMOA37VPKANP", "Z2O1EMRO9K5GLX"],
  "us-west-1": ["ab", "Z368ELLRRE2KJ0", "Z24FKFUX50B4VW", "Z2F56UZL2M1ACD"],
  "us-west-2": ["abcd", "Z1H1FL5HABSF5", "Z18D5FSROUN65G", "Z3BJ6K6RIION7M"],
  "cn-north-1": ["ab", "Z1GDH35T77C1KE", "Z3QFB96KMJ7ED6", "Z5CN8UMXT92WN"],
  "cn-northwest-1": ["abc", "ZM7IZAIOVVDZF", "ZQEIKTCZ8352D", "Z282HJ1KT0DH03"],
  "us-gov-east-1": ["abc", "Z166TLBEWOO7G0", "Z1ZSMQQ6Q24QQ8", "Z2NIFVYYW2VKV1"],
  "us-gov-west-1": ["abc", "Z33AYJ8TM3BH4J", "ZMG1MZ2THAWF1", "Z31GFT0UA1I2HV"],
};

/** Letters are dealt out per account; in most accounts of us-east-1 they stand for these zones. */
const zoneNumbers: Readonly<Record<string, readonly number[]>> = { "us-east-1": [6, 1, 2, 4, 3, 5] };

/** The partitions that the sandbox knows. */
export type Partition = "aws" | "aws-us-gov" | "aws-cn";

/** One AWS Region, see {@link region}. */
export interface Region {
  readonly name: string;
  readonly partition: Partition;
  /** What host names end in: `amazonaws.com` or `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
  /** E.g. `us-east-1a`. */
  readonly zones: readonly { readonly name: string; readonly id: string }[];
  /** Route 53 hosted zone ids, for alias records. */
  readonly hostedZones: { readonly alb: string; readonly nlb: string; readonly s3?: string };
}

/** Names of all Regions. */
export const regionNames: readonly string[] = Object.keys(facts);

/** @throws AwsError for a Region that AWS doesn't have. */
export function region(name: string): Region {
  const found = facts[name];
  if (!found) {
    throw new AwsError(
      "InvalidRegion",
      `"${name}" is not an AWS Region: set \`pulumi config set aws:region\` to one such as us-west-2`,
      "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html",
    );
  }
  const [letters, alb, nlb, s3] = found;
  const partition = partitionOf(name);
  const zones = letters.split("").map((letter, index) => ({
    name: `${name}${letter}`,
    id: `${zoneIdPrefix(name)}-az${zoneNumbers[name]?.[index] ?? index + 1}`,
  }));
  return {
    name,
    partition,
    dnsSuffix: partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
    zones,
    hostedZones: { alb, nlb, s3 },
  };
}

/** Partition of a Region, by its name. */
export function partitionOf(name: string): Partition {
  if (name.startsWith("us-gov-")) return "aws-us-gov";
  return name.startsWith("cn-") ? "aws-cn" : "aws";
}

/** `us-east-1` → `use1`, `us-gov-west-1` → `usgw1`, `ap-southeast-2` → `apse2`, as zone ids begin. */
function zoneIdPrefix(name: string): string {
  const parts = name.split("-");
  const [area = "", number = ""] = [parts[0], parts.at(-1)];
  const middle = parts.slice(1, -1).map((word) => {
    const compound = /^(north|south)(east|west)$/.exec(word);
    return compound ? `${compound[1]?.[0] ?? ""}${compound[2]?.[0] ?? ""}` : (word[0] ?? "");
  });
  return `${area}${middle.join("")}${number}`;
}
