import { parseBlkio } from '../host/blkio.ts';
import { parseIoStat } from '../host/io-stat.ts';
import type { DeviceIo } from '../host/io-stat.ts';
import { openKernelFile } from '../host/kernel-file.ts';
import type { KernelFile } from '../host/kernel-file.ts';
import type { Controller } from '../locate/hierarchy.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { valuesOf } from '../metrics/values.ts';
import type { Fields, Tags } from '../model.ts';
import { createCgroupPlaces } from './cgroup-places.ts';
import type { Host } from './host.ts';
import type { Reading } from './reading.ts';

/** What one cgroup read from and wrote to each block device. */
export interface IoSeries {
  read(): readonly Reading[];
  close(): void;
}

export interface IoSeriesOptions {
  readonly measurement: Measurement;
  /** Of the pod or the container. */
  readonly tags: Tags;
  readonly path: string;
  readonly owner: string;
}

/** How often the counters of BFQ are looked at, while no others count. */
const lookMilliseconds = 30_000;

/** A cgroup that used none of a device has no line of it, and so no series. */
export function openIoSeries(host: Host, { measurement, tags, path, owner }: IoSeriesOptions): IoSeries {
  const opened: KernelFile[] = [];
  const placeOf = createCgroupPlaces(host, path, owner);
  const open = (controller: Controller, name: string, keep: boolean): KernelFile | undefined => {
    const place = placeOf(controller);
    if (place === undefined) return undefined;
    const file = openKernelFile(place, { name, keep, single: true });
    opened.push(file);
    return file;
  };
  const devices = host.hierarchy.version === 2 ? devicesV2(open) : devicesV1(open, host.now);
  const tagsByDevice = new Map<string, Tags>();

  function tagsOf(device: string): Tags {
    const name = host.devices.name(device);
    let known = tagsByDevice.get(device);
    if (known?.['device'] !== name) tagsByDevice.set(device, (known = { ...tags, device: name }));
    return known;
  }

  return {
    read() {
      const startedAt = host.now();
      const readings = Array.from(devices(), ([device, fields]) => ({
        series: { measurement, tags: tagsOf(device) },
        values: valuesOf(measurement, fields),
        at: startedAt,
      }));
      host.meters.io.milliseconds += host.now() - startedAt;
      host.meters.io.reads += 1;
      return readings;
    },
    close() {
      for (const file of opened) file.close();
    },
  };
}

type Open = (controller: Controller, name: string, keep: boolean) => KernelFile | undefined;
type Devices = () => readonly (readonly [device: string, fields: Fields])[];

function devicesV2(open: Open): Devices {
  const stat = open('blkio', 'io.stat', true);
  return () => (stat?.parse(parseIoStat) ?? []).map((io) => [io.device, fieldsV2(io)]);
}

function fieldsV2(io: DeviceIo): Fields {
  return {
    read_bytes: io.readBytes,
    write_bytes: io.writeBytes,
    reads: io.reads,
    writes: io.writes,
    discard_bytes: io.discardBytes,
    discards: io.discards,
    cost_usage_microseconds: io.costUsageMicroseconds,
    cost_wait_microseconds: io.costWaitMicroseconds,
    cost_indebt_microseconds: io.costIndebtMicroseconds,
    cost_indelay_microseconds: io.costIndelayMicroseconds,
  };
}

/**
 * The throttling layer counts for every I/O scheduler, and its recursive files count the children; new kernels count there only below a
 * limit. Where it counts nothing, BFQ may, of the devices that it serves. Where one of the two has counted, the other is never
 * taken: a counter that changed its source might fall.
 */
function devicesV1(open: Open, now: () => number): Devices {
  const throttled = countersV1(open, 'blkio.throttle', true);
  let scheduled: Devices | undefined;
  let source: 'throttle' | 'bfq' | undefined;
  let lookAt = -Infinity;
  return () => {
    if (source === 'bfq') return scheduled?.() ?? [];
    const devices = throttled();
    if (devices.length > 0) source = 'throttle';
    if (source !== undefined || now() < lookAt) return devices;
    lookAt = now() + lookMilliseconds;
    scheduled ??= countersV1(open, 'blkio.bfq', false);
    const own = scheduled();
    if (own.length > 0) source = 'bfq';
    return own;
  };
}

function countersV1(open: Open, policy: string, keep: boolean): Devices {
  const bytes = open('blkio', `${policy}.io_service_bytes_recursive`, keep);
  const counts = open('blkio', `${policy}.io_serviced_recursive`, keep);
  return () => {
    const fields = new Map<string, Fields>();
    for (const { device, read, write, discard } of bytes?.parse(parseBlkio) ?? []) {
      fields.set(device, { read_bytes: read, write_bytes: write, discard_bytes: discard });
    }
    for (const { device, read, write, discard } of counts?.parse(parseBlkio) ?? []) {
      fields.set(device, { ...fields.get(device), reads: read, writes: write, discards: discard });
    }
    return [...fields];
  };
}
