import type { Count, Resources } from '../model.ts';
import { field } from './json.ts';
import { divideUp, parseQuantity } from './quantity.ts';

export type ResourceName = 'cpu' | 'memory' | 'ephemeral-storage' | 'pods';

/** What of a resource list is kept, each in 10^-9 of its unit. */
export type Amounts = ReadonlyMap<ResourceName, bigint>;

const kept: readonly ResourceName[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
const one = 1_000_000_000n;
/** Kubernetes caps amounts here, and it is the most that InfluxDB holds. */
const most = 2n ** 63n - 1n;
const nothing: Resources = {};

/** Reads a resource list of the API; what is not understood is left out. */
export function amountsOf(list: unknown): Amounts {
  const amounts = new Map<ResourceName, bigint>();
  for (const name of kept) {
    const amount = parseQuantity(field(list, name));
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

/** `a` + `b` for each resource of either. */
export function sum(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (left, right) => left + right);
}

/** The greater of `a` and `b` for each resource of either. */
export function larger(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (left, right) => (left > right ? left : right));
}

function combine(a: Amounts, b: Amounts, both: (left: bigint, right: bigint) => bigint): Amounts {
  if (b.size === 0) return a;
  const combined = new Map(a);
  for (const [name, amount] of b) {
    const known = a.get(name);
    combined.set(name, known === undefined ? amount : both(known, amount));
  }
  return combined;
}

/** A limit of 0 is none to Kubernetes. */
export function withoutZeros(amounts: Amounts): Amounts {
  return new Map(Array.from(amounts).filter(([, amount]) => amount > 0n));
}

/** In the units of the record: nanocores and whole bytes. */
export function resourcesOf(amounts: Amounts): Resources {
  // Most pods of many clusters ask for nothing: one object serves them all.
  if (amounts.size === 0) return nothing;
  return {
    cpuNanocores: count(amounts.get('cpu')),
    memoryBytes: whole(amounts.get('memory')),
    ephemeralStorageBytes: whole(amounts.get('ephemeral-storage')),
  };
}

/** An amount in whole units, rounded up. */
export function whole(amount: bigint | undefined): Count | undefined {
  return amount === undefined ? undefined : count(divideUp(amount, one));
}

function count(amount: bigint | undefined): Count | undefined {
  if (amount === undefined) return undefined;
  const capped = amount < most ? amount : most;
  return capped <= Number.MAX_SAFE_INTEGER ? Number(capped) : capped;
}
