/**
 * What the kernel's own files say of a row of the metric table, read in the plainest way: split into lines and words. It
 * shares nothing with the program but the table, so that both can be held against each other.
 */
import type { Metric, Unit } from '../../src/metrics/metric.ts';

/** As line protocol has it: integers are bigints, floats numbers. */
export type KernelValue = bigint | number | boolean | string;

/** The text of a file of one cgroup; `undefined` where it is not there or cannot be read. */
export type ReadCgroupFile = (file: string) => string | undefined;

export interface Asked {
  readonly version: 1 | 2;
  readonly read: ReadCgroupFile;
  /** The cgroups above it, without the root. */
  readonly above?: readonly ReadCgroupFile[];
  /** `8:0`, for a row of a block device. */
  readonly device?: string;
  /** `2MB`, for a row of huge pages. */
  readonly pageSize?: string;
}

/** A file of a cgroup, and the key in it where it holds several values. */
export interface Origin {
  readonly file: string;
  readonly key: string | undefined;
}

const floats: readonly Unit[] = ['percent', 'share', 'load'];
/** USER_HZ, of which there are 100 a second. */
const nanosecondsPerTick = 10_000_000n;
const nanosecondsPerMicrosecond = 1000n;
const nanocoresPerCore = 1_000_000_000n;
/** InfluxDB's integers end here. */
const mostInteger = 2n ** 63n - 1n;
/** The kubelet takes whatever is above for no limit (isMemoryUnlimited): v1 prints a number for none. */
const mostLimit = 2n ** 62n;
const limits = /limit_in_bytes$|_limit$|\.(?:max|high)$/;

export function originOf(
  row: Pick<Metric, 'v1' | 'v2'>,
  { version, pageSize = '<size>' }: Omit<Asked, 'read'>,
): Origin | undefined {
  const [file, key] = (version === 1 ? row.v1 : row.v2)?.replace('<size>', pageSize).split(' ') ?? [];
  return file === undefined ? undefined : { file, key };
}

/** The value in the unit of the row, or `undefined` where the kernel has none, or says that there is no limit. */
export function kernelValue(row: Pick<Metric, 'v1' | 'v2' | 'unit' | 'field'>, asked: Asked): KernelValue | undefined {
  const origin = originOf(row, asked) ?? originBeside(row, asked);
  if (origin === undefined)
    return asked.version === 2 && row.field === 'memory_effective_limit_bytes' ? lowestLimit(asked) : undefined;
  if (origin.file === 'memory.memsw.limit_in_bytes') return swapLimit(asked);
  if (origin.file === 'cpu.max') return coresOf(...wordsOf(asked.read('cpu.max')));
  if (origin.file === 'cpu.cfs_quota_us') return coresOf(asked.read('cpu.cfs_quota_us'), asked.read('cpu.cfs_period_us'));
  const word = wordOf(origin, asked);
  return word === undefined ? undefined : valueOf(row, origin, word);
}

/** On a hybrid host, where systemd has the same cgroup in the tree of v2 as well: what the cgroups of every such tree have. */
function originBeside(row: Pick<Metric, 'v2'>, { version }: Asked): Origin | undefined {
  const origin = version === 1 ? originOf(row, { version: 2 }) : undefined;
  return origin !== undefined && isBeside(origin.file) ? origin : undefined;
}

export function isBeside(file: string): boolean {
  return file.endsWith('.pressure') || file === 'cgroup.events';
}

function valueOf(row: Pick<Metric, 'unit'>, origin: Origin, word: string): KernelValue | undefined {
  if (row.unit === 'text') return word;
  if (origin.file === 'freezer.state') return states.has(word) ? word === 'FROZEN' : undefined;
  if (floats.includes(row.unit)) return /^\d+\.\d\d$/.test(word) ? Number(word) : undefined;
  const number = integer(word, origin);
  if (number === undefined) return undefined;
  if (row.unit === 'boolean') return number !== 0n;
  const value = number * scaleOf(origin, row.unit);
  return value > (limits.test(origin.key ?? origin.file) ? mostLimit : mostInteger) ? undefined : value;
}

const states: ReadonlySet<string> = new Set(['THAWED', 'FREEZING', 'FROZEN']);

/** The limit on memory and swap together less that on memory alone. */
function swapLimit({ read }: Asked): bigint | undefined {
  const [both, memory] = ['memory.memsw.limit_in_bytes', 'memory.limit_in_bytes'].map((file) =>
    integer(read(file)?.trim() ?? '', { key: undefined }),
  );
  if (both === undefined || memory === undefined || both > mostLimit || memory > mostLimit) return undefined;
  return both > memory ? both - memory : 0n;
}

/** Of the cgroup itself and all above it. */
function lowestLimit({ read, above = [] }: Asked): bigint | undefined {
  const known = [read, ...above].flatMap((each) => integer(each('memory.max')?.trim() ?? '', { key: undefined }) ?? []);
  const lowest = known.toSorted((a, b) => (a < b ? -1 : 1))[0];
  return lowest === undefined || lowest > mostLimit ? undefined : lowest;
}

/** The value as the file has it. */
export function wordOf({ file, key }: Origin, asked: Asked): string | undefined {
  const text = asked.read(file);
  if (text === undefined) return undefined;
  const lines = wholeLines(text);
  if (key === undefined) return lines.length === 1 && lines[0] !== '' ? lines[0] : undefined;
  if (file.endsWith('.pressure')) return pressureWord(lines, key);
  if (file === 'io.stat') return ioWord(lines, asked.device, key);
  if (file.startsWith('blkio.')) return lines.find((line) => line.startsWith(`${asked.device} ${key} `))?.split(' ')[2];
  const keyed = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  // Without the hierarchy there are no totals at all, and a cgroup's own are all there is.
  const isFlat = asked.version === 1 && key.startsWith('total_') && !lines.some((line) => line.startsWith('total_'));
  return keyed(isFlat ? key.slice('total_'.length) : key);
}

/** The devices that a cgroup has numbers of. */
export function devicesIn({ version, read }: Asked): readonly string[] {
  const file = version === 2 ? 'io.stat' : 'blkio.throttle.io_service_bytes_recursive';
  const devices = wholeLines(read(file) ?? '').flatMap((line) => {
    const [device = '', ...values] = line.split(' ');
    return /^\d+:\d+$/.test(device) && values.some((value) => value !== '') ? [device] : [];
  });
  return [...new Set(devices)];
}

/** The sizes of huge pages that a cgroup may use, where it is said how many. */
export function pageSizes({ version, read }: Asked): readonly string[] {
  return ['2MB', '1GB'].filter((size) => {
    const limit = read(`hugetlb.${size}.${version === 2 ? 'max' : 'limit_in_bytes'}`)?.trim();
    return limit !== undefined && limit !== '0' && limit !== 'max';
  });
}

function wholeLines(text: string): readonly string[] {
  // A line that was cut is none.
  return text.split('\n').slice(0, -1);
}

function wordsOf(text: string | undefined): readonly [string | undefined, string | undefined] {
  const [quota, period] = text?.split(' ') ?? [];
  return [quota, period];
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` */
function pressureWord(lines: readonly string[], key: string): string | undefined {
  const [kind, name] = key.split('.');
  const words = lines.find((line) => line.startsWith(`${kind} `))?.split(' ');
  return words?.find((word) => word.startsWith(`${name}=`))?.split('=')[1];
}

/** `8:0 rbytes=1 wbytes=2`; a device may stand there without values, before the next one. */
function ioWord(lines: readonly string[], device: string | undefined, key: string): string | undefined {
  const words = lines.flatMap((line) => line.split(' '));
  const own = words.slice(words.indexOf(device ?? '') + 1);
  const end = own.findIndex((word) => !word.includes('='));
  return own
    .slice(0, end === -1 ? undefined : end)
    .find((word) => word.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

/** The kernel lets what it keeps under a key fall below 0, which is none. */
function integer(word: string, { key }: Pick<Origin, 'key'>): bigint | undefined {
  if (/^\d+$/.test(word)) return BigInt(word);
  return key !== undefined && /^-\d+$/.test(word) ? 0n : undefined;
}

function scaleOf({ file, key }: Origin, unit: Unit): bigint {
  if (file === 'cpuacct.stat') return nanosecondsPerTick;
  return unit === 'nanoseconds' && key?.endsWith('_usec') === true ? nanosecondsPerMicrosecond : 1n;
}

/** Of a quota and its period, both in microseconds, rounded. */
function coresOf(quotaWord: string | undefined, periodWord: string | undefined): bigint | undefined {
  const [quota, period] = [quotaWord, periodWord].map((word) => integer(word?.trim() ?? '', { key: undefined }));
  if (quota === undefined || period === undefined || period === 0n) return undefined;
  return (quota * nanocoresPerCore + period / 2n) / period;
}
