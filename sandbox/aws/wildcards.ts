/**
 * Whether a pattern covers a value: `*` stands for any characters, `?` for one. IAM's policies and the conditions of a
 * load balancer's rules are written so.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
export function fits(pattern: string, value: string, options: { readonly ignoreCase?: boolean } = {}): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, options.ignoreCase ? "i" : "").test(value);
}
