/**
 * An error as an AWS API gives it, so that a rehearsal shows the operator the code and the rule they would meet in
 * their own account.
 */
export class AwsError extends Error {
  override readonly name = "AwsError";

  /**
   * @param code AWS's error code, e.g. `InvalidSubnetID.NotFound`.
   * @param message What is wrong and what to do about it.
   * @param source The AWS page that states the rule.
   */
  constructor(
    readonly code: string,
    message: string,
    readonly source?: string,
  ) {
    super(source ? `${code}: ${message} (${source})` : `${code}: ${message}`);
  }
}
