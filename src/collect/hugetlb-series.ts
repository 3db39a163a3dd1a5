import { readdirSync } from 'node:fs';
import { nextOnGrid, phaseOf } from '../grid.ts';
import { errorCode } from '../host/failures.ts';
import { flatKeyed } from '../host/flat-keyed.ts';
import { hugetlbSizes } from '../host/hugetlb.ts';
import { parseLimit, parseSingleValue } from '../host/single-value.ts';
import { readOnce } from '../locate/process-files.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { valuesOf } from '../metrics/values.ts';
import type { Fields, Tags } from '../model.ts';
import type { Host } from './host.ts';
import type { Reading } from './reading.ts';

/** The huge pages of one cgroup. */
export interface HugetlbSeries {
  /** A reading for each size that the cgroup may use, now and then; none in between. */
  read(): readonly Reading[];
}

export interface HugetlbSeriesOptions {
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly path: string;
  readonly owner: string;
}

const everyMilliseconds = 30_000;
const parseEvents = flatKeyed(['max']);

/**
 * The kubelet sets the limit of every size that a pod did not request to 0: those sizes are no series, nor are those that have
 * neither a limit nor a use.
 */
export function openHugetlbSeries(host: Host, { measurement, tags, path, owner }: HugetlbSeriesOptions): HugetlbSeries {
  const directory = host.hierarchy.directory('hugetlb', path);
  const isV2 = host.hierarchy.version === 2;
  const tagsBySize = new Map<string, Tags>();
  const phase = phaseOf(path, everyMilliseconds);
  let dueAt = -Infinity;

  function tagsOf(size: string): Tags {
    let known = tagsBySize.get(size);
    if (known === undefined) tagsBySize.set(size, (known = { ...tags, page_size: size }));
    return known;
  }

  function fieldsOf(size: string): Fields | undefined {
    const file = (name: string) => `${directory}/hugetlb.${size}.${name}`;
    const limit = readOnce(host, file(isV2 ? 'max' : 'limit_in_bytes'), owner, parseLimit);
    if (limit === undefined || limit === 0) return undefined;
    const usage = readOnce(host, file(isV2 ? 'current' : 'usage_in_bytes'), owner, parseSingleValue);
    if (limit === 'max' && usage === 0) return undefined;
    return {
      usage_bytes: usage,
      limit_bytes: limit === 'max' ? undefined : limit,
      max_events: isV2
        ? readOnce(host, file('events'), owner, parseEvents)?.[0]
        : readOnce(host, file('failcnt'), owner, parseSingleValue),
    };
  }

  return {
    read() {
      const startedAt = host.now();
      if (directory === undefined || startedAt < dueAt) return [];
      dueAt = nextOnGrid(startedAt, everyMilliseconds, phase);
      const readings: Reading[] = [];
      for (const size of hugetlbSizes(namesIn(directory))) {
        const fields = fieldsOf(size);
        if (fields === undefined) continue;
        const series = { measurement, tags: tagsOf(size) };
        readings.push({ series, values: valuesOf(measurement, fields), at: startedAt });
      }
      host.meters.hugetlb.milliseconds += host.now() - startedAt;
      host.meters.hugetlb.reads += 1;
      return readings;
    },
  };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // The cgroup ended: the tree's next look tells. Anything but an error of the file system is thrown again.
    errorCode(error);
    return [];
  }
}
