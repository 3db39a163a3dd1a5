/** `/proc/diskstats`: the block devices of the node and what they did. Documentation/admin-guide/iostats.rst. */
import type { Count } from '../model.ts';
import { parseCount, scale } from './count.ts';
import { deviceOf, parseDeviceNumber } from './device.ts';
import { createFieldBounds, forEachLine, text } from './lines.ts';
import type { Malformed } from './parser.ts';

interface Discards {
  /** Since Linux 4.18. */
  readonly discards: Count | undefined;
  readonly discardBytes: Count | undefined;
}

export interface DiskCounters extends Discards {
  /** `sda`, as in `/dev`. */
  readonly name: string;
  /** Completed since the boot. */
  readonly reads: Count;
  readonly readBytes: Count;
  readonly readMilliseconds: Count;
  readonly writes: Count;
  readonly writeBytes: Count;
  readonly writeMilliseconds: Count;
  /** Requests in progress now. */
  readonly inProgress: Count;
  /** Time in which any request was in progress. */
  readonly ioMilliseconds: Count;
  /** The same times how many were. */
  readonly weightedIoMilliseconds: Count;
}

/** Whatever the sectors of the device are. */
const sectorBytes = 512;
/** Major, minor, name; completed, merged, sectors, ms of reads; the same of writes; in progress, ms, weighted ms. */
const columns = 14;
/** Those, and completed, merged, sectors, ms of discards. */
const columnsWithDiscards = 18;
const fields = createFieldBounds(columnsWithDiscards);
const noDiscards: Discards = { discards: undefined, discardBytes: undefined };

/** The devices by `major:minor`, in the kernel's order. A row with a number that is missing or none is reported and left out. */
export function parseDiskstats(bytes: Uint8Array, end: number, malformed: Malformed): ReadonlyMap<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  forEachLine(bytes, end, malformed, (start, stop) => {
    const count = fields.split(bytes, start, stop);
    if (count < columns) return false;
    const major = parseDeviceNumber(bytes, fields.start(0), fields.end(0));
    const minor = parseDeviceNumber(bytes, fields.start(1), fields.end(1));
    const device = major === undefined || minor === undefined ? undefined : deviceOf(major, minor);
    const disk = parseDisk(bytes);
    const discards = count < columnsWithDiscards ? noDiscards : parseDiscards(bytes);
    if (device === undefined || disk === undefined || discards === undefined) return false;
    if (!disks.has(device)) disks.set(device, { ...disk, ...discards });
    return true;
  });
  return disks;
}

function parseDisk(bytes: Uint8Array): Omit<DiskCounters, keyof Discards> | undefined {
  const reads = column(bytes, 3);
  const readSectors = column(bytes, 5);
  const readMilliseconds = column(bytes, 6);
  const writes = column(bytes, 7);
  const writeSectors = column(bytes, 9);
  const writeMilliseconds = column(bytes, 10);
  const inProgress = column(bytes, 11);
  const ioMilliseconds = column(bytes, 12);
  const weightedIoMilliseconds = column(bytes, 13);
  if (reads === undefined || readSectors === undefined || readMilliseconds === undefined) return undefined;
  if (writes === undefined || writeSectors === undefined || writeMilliseconds === undefined) return undefined;
  if (inProgress === undefined || ioMilliseconds === undefined || weightedIoMilliseconds === undefined) return undefined;
  return {
    name: text(bytes, fields.start(2), fields.end(2)),
    reads,
    readBytes: scale(readSectors, sectorBytes),
    readMilliseconds,
    writes,
    writeBytes: scale(writeSectors, sectorBytes),
    writeMilliseconds,
    inProgress,
    ioMilliseconds,
    weightedIoMilliseconds,
  };
}

function parseDiscards(bytes: Uint8Array): Discards | undefined {
  const discards = column(bytes, 14);
  const sectors = column(bytes, 16);
  return discards === undefined || sectors === undefined ? undefined : { discards, discardBytes: scale(sectors, sectorBytes) };
}

function column(bytes: Uint8Array, index: number): Count | undefined {
  return parseCount(bytes, fields.start(index), fields.end(index));
}
