import { markOf } from '../derive/sketch.ts';
import { measurements } from '../metrics/measurements.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { Unit } from '../metrics/metric.ts';
import { rowsOf } from '../metrics/table.ts';
import type { Tags } from '../model.ts';
import { escapeTag, tagValue } from './text.ts';

/** What the configuration adds to the metric table. */
export interface Additions {
  /** Tags of every measurement that has the tag `pod`. */
  readonly podTags: readonly string[];
  /** String fields of `k8s_pod_info`, in the order in which their values come after those of the table. */
  readonly infoFields: readonly string[];
}

export interface FieldLayout {
  /** `,name=` */
  readonly bytes: Uint8Array;
  /** Whether its numbers are written as floats: the type of a field never changes. */
  readonly float: boolean;
}

/** What of a measurement's lines is the same for all its points, or all points of one series. */
export interface Layout {
  /** In the order of a reading's values. */
  readonly fields: readonly FieldLayout[];
  /** Most bytes that the fields of one line take, strings left out. */
  readonly fieldBytes: number;
  /** One series, kept for as long as its tags live. */
  series(tags: Tags): SeriesLayout;
}

export interface SeriesLayout {
  /** `measurement,tag=value,…` */
  readonly prefix: Uint8Array;
  /** What the census knows it by. */
  readonly mark: number;
  /** The hour of the census in which it was last counted. */
  countedIn: number;
}

const floats: readonly Unit[] = ['percent', 'share', 'load'];
/** Room for `-9223372036854775808i`, the longest value that is no string. */
const valueBytes = 21;

export function createLayout(measurement: Measurement, { podTags, infoFields }: Additions): Layout {
  const fields: FieldLayout[] = [];
  let fieldBytes = 0;
  for (const { field, unit } of rowsOf(measurement)) {
    const bytes = Buffer.from(`,${field}=`);
    fields.push({ bytes, float: floats.includes(unit) });
    fieldBytes += bytes.length + valueBytes;
  }
  if (measurement === 'k8s_pod_info') {
    for (const field of infoFields) {
      const bytes = Buffer.from(`,${field}=`);
      fields.push({ bytes, float: false });
      fieldBytes += bytes.length;
    }
  }
  const tagKeys: readonly string[] = measurements[measurement].tags;
  const keys = (tagKeys.includes('pod') ? [...tagKeys, ...podTags] : tagKeys).toSorted();
  const known = new WeakMap<Tags, SeriesLayout>();
  return {
    fields,
    fieldBytes,
    series(tags) {
      let series = known.get(tags);
      if (series === undefined) {
        const pairs = keys.map((key) => `,${key}=${escapeTag(tagValue(tags[key]))}`);
        const prefix = Buffer.from(measurement + pairs.join(''));
        series = { prefix, mark: markOf(prefix), countedIn: -1 };
        known.set(tags, series);
      }
      return series;
    },
  };
}
