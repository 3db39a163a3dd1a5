import { measurements, metrics } from '../metrics.ts';
import type { FieldName, Measurement } from '../metrics.ts';
import type { Tags } from '../model.ts';
import { escapeTag, tagValue } from './text.ts';

interface FieldLayout {
  readonly name: FieldName;
  /** `,name=` */
  readonly bytes: Uint8Array;
}

/** What of a measurement's lines is the same for all its points, or all points of one series. */
export interface Layout {
  /** In the order of the metric table. */
  readonly fields: readonly FieldLayout[];
  /** Most bytes that the fields of one line take, strings left out. */
  readonly fieldBytes: number;
  /** `measurement,tag=value,…` of one series, kept for as long as its tags live. */
  prefix(tags: Tags): Uint8Array;
}

/** Room for `-9223372036854775808i`, the longest value that is no string. */
const valueBytes = 21;

export function createLayout(measurement: Measurement): Layout {
  const fields: FieldLayout[] = [];
  let fieldBytes = 0;
  for (const metric of metrics) {
    const holders: readonly Measurement[] = metric.in;
    if (!holders.includes(measurement)) continue;
    const bytes = Buffer.from(`,${metric.field}=`);
    fields.push({ name: metric.field, bytes });
    fieldBytes += bytes.length + valueBytes;
  }
  const keys = [...measurements[measurement].tags].toSorted();
  const prefixes = new WeakMap<Tags, Uint8Array>();
  return {
    fields,
    fieldBytes,
    prefix(tags) {
      const known = prefixes.get(tags);
      if (known !== undefined) return known;
      const pairs = keys.map((key) => `,${key}=${escapeTag(tagValue(tags[key]))}`);
      const bytes = Buffer.from(measurement + pairs.join(''));
      prefixes.set(tags, bytes);
      return bytes;
    },
  };
}
