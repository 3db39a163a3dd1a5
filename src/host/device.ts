/** Block devices as the kernel tells them apart: `8:0`, major and minor number. Documentation/admin-guide/devices.rst. */
import { parseCount } from './count.ts';
import { find } from './lines.ts';

const colon = 58;
const zero = 48;
/** Bits of a device number, which is a major number above a minor one: include/linux/kdev_t.h. */
const mostMajor = 2 ** 12;
const mostMinor = 2 ** 20;
/** Devices come and go: no more texts than this are kept. */
const mostKept = 4096;

/** The text of each device, made once: the same few devices come in the files of every cgroup. */
const texts = new Map<number, string>();

/** `major:minor` and nothing else, else `undefined`. */
export function parseDevice(bytes: Uint8Array, start: number, end: number): string | undefined {
  const middle = find(bytes, colon, start, end);
  if (middle === end) return undefined;
  const major = parseDeviceNumber(bytes, start, middle);
  const minor = parseDeviceNumber(bytes, middle + 1, end);
  return major === undefined || minor === undefined ? undefined : deviceOf(major, minor);
}

/** Half of a device number, as the kernel prints it: without leading zeros. */
export function parseDeviceNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (bytes[start] === zero && end - start > 1) return undefined;
  const half = parseCount(bytes, start, end);
  return typeof half === 'number' ? half : undefined;
}

/** The text of the device; `undefined` for numbers that no device has. */
export function deviceOf(major: number, minor: number): string | undefined {
  if (major >= mostMajor || minor >= mostMinor) return undefined;
  const device = major * mostMinor + minor;
  let text = texts.get(device);
  if (text === undefined) {
    if (texts.size >= mostKept) texts.clear();
    texts.set(device, (text = `${major}:${minor}`));
  }
  return text;
}
