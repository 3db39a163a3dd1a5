/** Amounts as Kubernetes writes them: `250m`, `1.5Gi`, `1e3` (apimachinery `pkg/api/resource/quantity.go`). */

const shape = /^\+?(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:(?<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?<exponent>[+-]?\d+))?$/;
const longest = 64;
/** Beyond any amount there is, and still cheap to raise 10 to. */
const mostExponent = 99;
const smallest = 9;
const tens: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const twos: ReadonlyMap<string, bigint> = new Map([
  ['Ki', 10n],
  ['Mi', 20n],
  ['Gi', 30n],
  ['Ti', 40n],
  ['Pi', 50n],
  ['Ei', 60n],
]);

/**
 * The amount in 10^-9 of its unit, exact; what is finer is rounded up, as Kubernetes does. `undefined` for what is no quantity,
 * and for a negative one, which no amount of a resource is.
 */
export function parseQuantity(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || value.length > longest) return undefined;
  const { whole = '', fraction = '', suffix = '', exponent = '0' } = shape.exec(value)?.groups ?? {};
  const digits = whole + fraction;
  const power = Number(exponent);
  if (digits === '' || Math.abs(power) > mostExponent) return undefined;
  const amount = BigInt(digits) << (twos.get(suffix) ?? 0n);
  const shift = smallest - fraction.length + power + (tens.get(suffix) ?? 0);
  if (shift >= 0) return amount * 10n ** BigInt(shift);
  return divideUp(amount, 10n ** BigInt(-shift));
}

/** `amount` / `divisor`, rounded up; neither is negative. */
export function divideUp(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}
