/**
 * A small reader of the line protocol, written from its reference page and from how InfluxDB 2 cuts lines, not from the
 * encoder: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 */

/** Integers are bigints, floats numbers: InfluxDB tells them apart for ever. */
export type PointValue = bigint | number | boolean | string;

export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, PointValue>>;
  readonly time: bigint;
}

/** InfluxDB 2 takes a backslash and whatever follows it as one before it looks for the end of a line. */
export function cutLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  let quoted = false;
  let inFields = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === '\\') i += 1;
    else if (c === ' ' && !quoted) inFields = true;
    else if (c === '"' && inFields) quoted = !quoted;
    else if (c === '\n' && !quoted) {
      lines.push(text.slice(start, i));
      start = i + 1;
      inFields = false;
    }
  }
  if (start !== text.length) throw new Error('The last line has no end');
  return lines;
}

export function parseLine(line: string): Point {
  const keyEnd = find(line, 0, ' ');
  const [measurement = '', ...pairs] = split(line.slice(0, keyEnd), ',');
  const tags: Record<string, string> = {};
  for (const pair of pairs) {
    const [key = '', value = '', ...rest] = split(pair, '=');
    if (key === '' || value === '' || rest.length > 0 || key in tags) throw new Error(`Bad tag: ${pair}`);
    tags[unescape(key)] = unescape(value);
  }
  const fields: Record<string, PointValue> = {};
  let at = keyEnd + 1;
  for (;;) {
    const equals = find(line, at, '=');
    const key = line.slice(at, equals);
    if (key === '' || key in fields) throw new Error(`Bad field: ${line}`);
    const end = valueEnd(line, equals + 1);
    fields[unescape(key)] = parseValue(line.slice(equals + 1, end));
    at = end + 1;
    if (line[end] === ' ') break;
  }
  const time = line.slice(at);
  if (!/^-?\d+$/.test(time)) throw new Error(`Bad time: ${line}`);
  return { measurement, tags, fields, time: BigInt(time) };
}

/** Where the next `stop` is that no backslash is in front of. */
function find(text: string, from: number, stop: string): number {
  for (let i = from; i < text.length; i += 1) if (text[i] === stop && text[i - 1] !== '\\') return i;
  throw new Error(`No '${stop}' in: ${text.slice(from)}`);
}

function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] !== separator || text[i - 1] === '\\') continue;
    parts.push(text.slice(start, i));
    start = i + 1;
  }
  return [...parts, text.slice(start)];
}

function unescape(text: string): string {
  return text.replaceAll('\\,', ',').replaceAll('\\=', '=').replaceAll('\\ ', ' ');
}

function valueEnd(line: string, from: number): number {
  if (line[from] !== '"') {
    const end = line.slice(from).search(/[, ]/);
    if (end === -1) throw new Error(`No time: ${line}`);
    return from + end;
  }
  for (let i = from + 1; i < line.length; i += 1) {
    if (line[i] === '\\') i += 1;
    else if (line[i] === '"') return i + 1;
  }
  throw new Error(`Unbalanced quotes: ${line}`);
}

function parseValue(text: string): PointValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^-?\d+i$/.test(text)) throw new Error(`Bad value: ${text}`);
  return BigInt.asIntN(64, BigInt(text.slice(0, -1)));
}
