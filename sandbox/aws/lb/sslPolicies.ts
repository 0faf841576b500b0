const forwardSecrecy = ["FS-1-2-Res-2020-10", "FS-1-2-Res-2019-08", "FS-1-2-2019-08", "FS-1-1-2019-08", "FS-2018-06"];
const older = ["TLS-1-2-Ext-2018-06", "TLS-1-2-2017-01", "TLS-1-1-2017-01", "2016-08", "TLS-1-0-2015-04", "2015-05"];
const standard = ["1-3", "1-2", "1-2-Res", "1-2-Ext1", "1-2-Ext2", "1-1", "1-0"];
const fips = ["1-3", "1-2", "1-2-Res", "1-2-Ext0", "1-2-Ext1", "1-2-Ext2", "1-1", "1-0"];
const postQuantum = ["1-3", "1-2", "1-2-Res", "1-2-Ext1", "1-2-Ext2", "1-0"];
const postQuantumFips = ["1-3", "1-2", "1-2-Res", "1-2-Ext0", "1-2-Ext1", "1-2-Ext2", "1-0"];

/** Where the policies are listed. */
export const SSL_POLICIES =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html";

/** The predefined security policies of HTTPS and TLS listeners; there are no others. */
export const sslPolicies: readonly string[] = [
  ...standard.map((version) => `TLS13-${version}-2021-06`),
  ...fips.map((version) => `TLS13-${version}-FIPS-2023-04`),
  ...postQuantum.map((version) => `TLS13-${version}-PQ-2025-09`),
  ...postQuantumFips.map((version) => `TLS13-${version}-FIPS-PQ-2025-09`),
  ...forwardSecrecy,
  ...older,
].map((name) => `ELBSecurityPolicy-${name}`);

/** What the API takes when none is given. */
export const DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08";
