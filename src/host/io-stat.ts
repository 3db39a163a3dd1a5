/** `io.stat` of cgroup v2: what a cgroup read and wrote, by device. Documentation/admin-guide/cgroup-v2.rst, "IO Interface Files". */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { parseDevice } from './device.ts';
import { encode, find, forEachLine, newline, space, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface DeviceIo {
  /** `major:minor`. */
  readonly device: string;
  readonly readBytes: Count | undefined;
  readonly writeBytes: Count | undefined;
  readonly reads: Count | undefined;
  readonly writes: Count | undefined;
  readonly discardBytes: Count | undefined;
  readonly discards: Count | undefined;
  /** The cost model's, where it is on for the device: "IO" in the same document, `io.cost.qos`. */
  readonly costUsageMicroseconds: Count | undefined;
  readonly costWaitMicroseconds: Count | undefined;
  readonly costIndebtMicroseconds: Count | undefined;
  readonly costIndelayMicroseconds: Count | undefined;
}

const equals = 61;
const none = -1;
const unknownDevice = encode('(unknown)');
/** In the order of the kernel, which is that of `values`. */
const keys = [
  'rbytes',
  'wbytes',
  'rios',
  'wios',
  'dbytes',
  'dios',
  'cost.usage',
  'cost.wait',
  'cost.indebt',
  'cost.indelay',
].map((key) => encode(`${key}=`));
/** Those of the device that is being read. */
const values: (Count | undefined)[] = keys.map(() => undefined);

/**
 * One row a device that has values, in the kernel's order. Kernels are known to print devices without values, one after the other
 * on the line of the next that has some, or at the end without a newline; and `(unknown)` for one without a name, whose values
 * are nobody's. Reported are a value that is no count, a word that is neither device nor `key=value`, and values of no device.
 */
export function parseIoStat(bytes: Uint8Array, end: number, malformed: Malformed): readonly DeviceIo[] {
  const devices: DeviceIo[] = [];
  forEachLine(bytes, withoutBareDevices(bytes, end), malformed, (start, stop) => parseLine(bytes, start, stop, devices));
  return devices;
}

function parseLine(bytes: Uint8Array, start: number, end: number, devices: DeviceIo[]): boolean {
  let device: string | undefined;
  let understood = true;
  let named = false;
  let next = 0;
  for (let at = skipSpaces(bytes, start, end); at < end; at = skipSpaces(bytes, at, end)) {
    const wordEnd = find(bytes, space, at, end);
    const keyEnd = find(bytes, equals, at, wordEnd);
    if (keyEnd === wordEnd) {
      addRow(device, devices);
      device = parseDevice(bytes, at, wordEnd);
      named = true;
      understood = understood && (device !== undefined || isUnknownDevice(bytes, at, wordEnd));
    } else if (device !== undefined) {
      const key = keyOf(bytes, at, wordEnd, next);
      if (key !== none) {
        next = key + 1;
        const value = parseCount(bytes, keyEnd + 1, wordEnd);
        values[key] ??= value;
        understood = understood && value !== undefined;
      }
    }
    at = wordEnd;
  }
  addRow(device, devices);
  return understood && named;
}

/** Adds what `values` holds, if that is anything, and empties them. */
function addRow(device: string | undefined, devices: DeviceIo[]): void {
  if (device === undefined || values.every((value) => value === undefined)) return;
  devices.push({
    device,
    readBytes: values[0],
    writeBytes: values[1],
    reads: values[2],
    writes: values[3],
    discardBytes: values[4],
    discards: values[5],
    costUsageMicroseconds: values[6],
    costWaitMicroseconds: values[7],
    costIndebtMicroseconds: values[8],
    costIndelayMicroseconds: values[9],
  });
  values.fill(undefined);
}

/** Which key the word starts with; `next` is the first to try, since they come in order. */
function keyOf(bytes: Uint8Array, start: number, end: number, next: number): number {
  for (let offset = 0; offset < keys.length; offset += 1) {
    const index = (next + offset) % keys.length;
    const key = keys[index];
    if (key !== undefined && startsWith(bytes, start, end, key)) return index;
  }
  return none;
}

/** Where the file ends if a last line of bare devices is left out, which the kernel may leave without its newline. */
function withoutBareDevices(bytes: Uint8Array, end: number): number {
  if (end === 0 || bytes[end - 1] !== space) return end;
  const lineStart = bytes.lastIndexOf(newline, end - 1) + 1;
  for (let at = skipSpaces(bytes, lineStart, end); at < end; at = skipSpaces(bytes, at, end)) {
    const wordEnd = find(bytes, space, at, end);
    if (parseDevice(bytes, at, wordEnd) === undefined && !isUnknownDevice(bytes, at, wordEnd)) return end;
    at = wordEnd;
  }
  return lineStart;
}

function isUnknownDevice(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === unknownDevice.length && startsWith(bytes, start, end, unknownDevice);
}

function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === space) at += 1;
  return at;
}
