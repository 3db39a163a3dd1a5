import type { SeriesCensus } from '../derive/series-census.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { FieldValue, Sample } from '../model.ts';
import { createLayout } from './layout.ts';
import type { Additions, FieldLayout, Layout } from './layout.ts';
import { quoteString } from './text.ts';

/** Whole lines of line protocol, each ended by a line feed: the body of one request. */
export interface Batch {
  readonly body: Buffer;
  readonly points: number;
}

export interface Encoder {
  /** False when there is nothing to write: no field had a value, or the time is outside of what InfluxDB takes. */
  add(sample: Sample): boolean;
  /** What was added since the last call. The bytes are the caller's own. */
  take(): Batch[];
  /** Fields left out because their value cannot be written exactly, and points because of their time. */
  readonly skipped: number;
}

export interface EncoderOptions {
  /** InfluxData's advice on the size of a batch. */
  readonly maxLines?: number;
  /** A line longer than this is a batch of its own. InfluxDB 3 refuses requests over 10 MB, proxies over much less. */
  readonly maxBytes?: number;
  readonly additions?: Additions;
  /** Counts each series that is written. */
  readonly census?: Pick<SeriesCensus, 'hour' | 'count'>;
}

const space = 0x20;
const minus = 0x2d;
const zero = 0x30;
const letterI = 0x69;
const point = 0x2e;
const floatFactor = 10_000;
const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** The last millisecond whose nanoseconds InfluxDB takes: in the year 2262. */
const maxTime = 9_223_372_036_854;
/** A space, the nanoseconds and a line feed. */
const timeBytes = 22;
/** Bytes of UTF-8 that one UTF-16 unit takes at most. */
const bytesPerUnit = 3;

const noAdditions: Additions = { podTags: [], infoFields: [] };

/**
 * Encodes points as InfluxDB's line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/)
 * straight into one buffer that is used again and again: a string a line costs a multiple in time and garbage.
 */
export function createEncoder(options: EncoderOptions = {}): Encoder {
  const { maxLines = 5000, maxBytes = 2 ** 20, additions = noAdditions, census } = options;
  const layouts = new Map<Measurement, Layout>();
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let batches: Batch[] = [];
  /** Where the line being written goes on. */
  let at = 0;
  let lines = 0;
  let skipped = 0;

  function layoutOf(measurement: Measurement): Layout {
    let layout = layouts.get(measurement);
    if (layout === undefined) layouts.set(measurement, (layout = createLayout(measurement, additions)));
    return layout;
  }

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  }

  /** Byte by byte: for a field's name that is faster than a call out of JavaScript. */
  function putName(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 1) buffer[at + i] = bytes[i] ?? 0;
    at += bytes.length;
  }

  function putText(text: string): void {
    at += buffer.write(text, at);
  }

  /** `value` is a safe integer: a tenth of one has the right floor. Its digit is taken before 48 is added, which may round. */
  function putInteger(value: number): void {
    let left = value;
    if (left < 0) {
      buffer[at] = minus;
      at += 1;
      left = -left;
    }
    let digits = 1;
    for (let bound = 10; left >= bound; bound *= 10) digits += 1;
    for (let i = at + digits - 1; i >= at; i -= 1) {
      const rest = Math.floor(left / 10);
      buffer[i] = zero + (left - rest * 10);
      left = rest;
    }
    at += digits;
  }

  /** To four digits after the point, which a float of the kernel never has. False where it is none that can be written so. */
  function putFloat(value: number): boolean {
    const scaled = Math.round(value * floatFactor);
    if (!Number.isSafeInteger(scaled) || scaled < 0) return false;
    const whole = Math.floor(scaled / floatFactor);
    putInteger(whole);
    let rest = scaled - whole * floatFactor;
    if (rest === 0) return true;
    buffer[at] = point;
    at += 1;
    for (let unit = floatFactor / 10; rest > 0; unit /= 10) {
      const digit = Math.floor(rest / unit);
      buffer[at] = zero + digit;
      at += 1;
      rest -= digit * unit;
    }
    return true;
  }

  /** False when the value cannot be written exactly. */
  function putValue(value: FieldValue, { float }: FieldLayout, fieldBytes: number): boolean {
    if (float) return typeof value === 'number' && putFloat(value);
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) return false;
      putInteger(value);
    } else if (typeof value === 'bigint') {
      if (value < minInt64 || value > maxInt64) return false;
      putText(value.toString());
    } else {
      const text = typeof value === 'boolean' ? String(value) : quoteString(value);
      reserve(text.length * bytesPerUnit + fieldBytes + timeBytes);
      putText(text);
      return true;
    }
    buffer[at] = letterI;
    at += 1;
    return true;
  }

  function close(end: number): void {
    // Never of Node's pool, so that its memory can be given back before the collector finds it.
    const body = Buffer.allocUnsafeSlow(end);
    buffer.copy(body, 0, 0, end);
    batches.push({ body, points: lines });
    buffer.copyWithin(0, end, at);
    at -= end;
    lines = 0;
  }

  return {
    add(sample) {
      if (!Number.isSafeInteger(sample.time) || sample.time <= 0 || sample.time > maxTime) {
        skipped += 1;
        return false;
      }
      const layout = layoutOf(sample.measurement);
      const series = layout.series(sample.tags);
      const { prefix } = series;
      const start = at;
      reserve(prefix.length + layout.fieldBytes + timeBytes);
      buffer.set(prefix, at);
      at += prefix.length;
      const fieldsStart = at;
      for (let i = 0; i < layout.fields.length; i += 1) {
        const value = sample.values[i];
        const field = layout.fields[i];
        if (value === undefined || field === undefined) continue;
        const fieldStart = at;
        putName(field.bytes);
        if (putValue(value, field, layout.fieldBytes)) continue;
        at = fieldStart;
        skipped += 1;
      }
      if (at === fieldsStart) {
        at = start;
        return false;
      }
      if (census !== undefined && series.countedIn !== census.hour) {
        series.countedIn = census.hour;
        census.count(sample.measurement, series.mark);
      }
      buffer[fieldsStart] = space;
      buffer[at] = space;
      at += 1;
      putInteger(sample.time);
      putText('000000\n');
      if (at > maxBytes && start > 0) close(start);
      lines += 1;
      if (lines >= maxLines || at >= maxBytes) close(at);
      return true;
    },
    take() {
      if (lines > 0) close(at);
      const taken = batches;
      batches = [];
      return taken;
    },
    get skipped() {
      return skipped;
    },
  };
}
