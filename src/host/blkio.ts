/**
 * Block I/O in cgroup v1, by device: `blkio.throttle.io_service_bytes_recursive` in bytes, `blkio.throttle.io_serviced_recursive` in
 * operations, and those of `blkio.bfq`, which count only where that scheduler serves the device.
 * Documentation/admin-guide/cgroup-v1/blkio-controller.rst.
 */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { parseDevice } from './device.ts';
import { createFieldBounds, encode, forEachLine, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface DeviceOperations {
  /** `major:minor`. */
  readonly device: string;
  readonly read: Count | undefined;
  readonly write: Count | undefined;
  /** Since Linux 4.19. */
  readonly discard: Count | undefined;
}

const readWord = encode('Read');
const writeWord = encode('Write');
const discardWord = encode('Discard');
const totalWord = encode('Total');
const unknownDevice = encode('(unknown)');
/** Device, operation, count; and one more, which no line has. */
const fields = createFieldBounds(4);

/**
 * One row a device, whose lines stand together, in the kernel's order. `Sync` and `Async` are the same operations once more,
 * `Total` is their sum, and a device that the kernel has no name for is nobody's: all are passed over.
 */
export function parseBlkio(bytes: Uint8Array, end: number, malformed: Malformed): readonly DeviceOperations[] {
  const devices: DeviceOperations[] = [];
  let device: string | undefined;
  let read: Count | undefined;
  let write: Count | undefined;
  let discard: Count | undefined;

  function addRow(): void {
    if (device !== undefined && (read ?? write ?? discard) !== undefined) devices.push({ device, read, write, discard });
    read = write = discard = undefined;
  }

  forEachLine(bytes, end, malformed, (start, stop) => {
    const count = fields.split(bytes, start, stop);
    if (count === 2 && isField(bytes, 0, totalWord)) return valueOf(bytes, 1) !== undefined;
    const value = count === 3 ? valueOf(bytes, 2) : undefined;
    if (value === undefined) return false;
    const named = parseDevice(bytes, fields.start(0), fields.end(0));
    if (named === undefined) return isField(bytes, 0, unknownDevice);
    if (named !== device) {
      addRow();
      device = named;
    }
    if (isField(bytes, 1, readWord)) read ??= value;
    else if (isField(bytes, 1, writeWord)) write ??= value;
    else if (isField(bytes, 1, discardWord)) discard ??= value;
    return true;
  });
  addRow();
  return devices;
}

function valueOf(bytes: Uint8Array, field: number): Count | undefined {
  return parseCount(bytes, fields.start(field), fields.end(field));
}

function isField(bytes: Uint8Array, field: number, word: Uint8Array): boolean {
  const start = fields.start(field);
  const end = fields.end(field);
  return end - start === word.length && startsWith(bytes, start, end, word);
}
