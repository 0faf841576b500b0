/** Powers of the suffixes that Kubernetes writes quantities with (apimachinery, `resource.Quantity`). */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A quantity in its base unit: cores, bytes, or a count. */
export function quantity(text: string | number | undefined): number {
  if (text === undefined) return 0;
  const match = /^([+-]?[\d.]+(?:e[+-]?\d+)?)([A-Za-z]*)$/.exec(String(text));
  return match ? Number(match[1]) * (factors[match[2] ?? ""] ?? 1) : 0;
}
