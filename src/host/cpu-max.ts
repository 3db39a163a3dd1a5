/**
 * How much CPU time a cgroup may take. v2: `cpu.max`, Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files". v1: the
 * quota is in `cpu.cfs_quota_us`, the period in `cpu.cfs_period_us`, Documentation/scheduler/sched-bwc.rst, "Management".
 */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, encode, newline, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';
import type { Limit } from './single-value.ts';

const nanocoresPerCore = 1_000_000_000n;
const max = encode('max');
/** Quota and period; and one more, which the file has not. */
const fields = createFieldBounds(3);

/** The limit in nanocores of `max 100000` or `50000 100000`. `undefined` for an empty file, and for any other text, which is reported. */
export function parseCpuMax(bytes: Uint8Array, end: number, malformed: Malformed): Limit | undefined {
  if (end === 0) return undefined;
  const whole = bytes[end - 1] === newline && fields.split(bytes, 0, end - 1) === 2;
  const quota = whole ? parseQuota(bytes, fields.start(0), fields.end(0)) : undefined;
  const period = whole ? parseCount(bytes, fields.start(1), fields.end(1)) : undefined;
  const limit = quota === undefined || period === undefined ? undefined : nanocores(quota, period);
  if (limit === undefined) malformed(0, end);
  return limit;
}

/** The limit in nanocores, rounded, of a quota in each period, both in the same unit. `undefined` where the period is 0. */
export function nanocores(quota: Limit, period: Count): Limit | undefined {
  if (period === 0) return undefined;
  if (quota === 'max') return 'max';
  const divisor = BigInt(period);
  const rounded = (BigInt(quota) * nanocoresPerCore * 2n + divisor) / (divisor * 2n);
  return rounded <= Number.MAX_SAFE_INTEGER ? Number(rounded) : rounded;
}

function parseQuota(bytes: Uint8Array, start: number, end: number): Limit | undefined {
  return end - start === max.length && startsWith(bytes, start, end, max) ? 'max' : parseCount(bytes, start, end);
}
