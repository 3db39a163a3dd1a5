/** The kinds of values an option can have. Each turns the text of a layer, trimmed and never empty, into a value. */
import { isIP, isIPv4 } from 'node:net';

/** The value, or what should have stood there, to be read after "set". */
export type Parsed<T> = { readonly value: T } | { readonly expected: string };

export interface Kind<T> {
  /** Stands for the value in the help, as in `<duration>`. */
  readonly shown: string;
  readonly parse: (text: string) => Parsed<T>;
}

const unitMilliseconds: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** NaN, which no range holds, for what is not a duration: a number without its unit, unless it is 0, is none. */
function milliseconds(text: string): number {
  if (text === '0') return 0;
  const [, amount, unit = ''] = /^(\d{1,15})(ms|s|m|h)$/.exec(text) ?? [];
  return Number(amount) * (unitMilliseconds.get(unit) ?? Number.NaN);
}

/** Milliseconds, within bounds that are written as a user would write them. */
export function duration(least: string, most: string): Kind<number> {
  const expected = `a duration from ${least} to ${most} with its unit (ms, s, m or h), such as 10s`;
  const parse = (text: string): Parsed<number> => {
    const value = milliseconds(text);
    return value >= milliseconds(least) && value <= milliseconds(most) ? { value } : { expected };
  };
  return { shown: '<duration>', parse };
}

/** The time between collections. 0 has a meaning of its own that needs requests to be served. */
export function period(least: string, most: string): Kind<number> {
  const range = duration(least, most);
  const noRequests = `${least} to ${most}: with 0 only requests are answered, and this version serves none`;
  return { ...range, parse: (text) => (milliseconds(text) === 0 ? { expected: noRequests } : range.parse(text)) };
}

const unitBytes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
]);

/** Kubernetes' own way to write amounts, with or without a `B`; NaN for anything else. */
function byteCount(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,15})([kMG]|[KMG]i)?B?$/.exec(text) ?? [];
  return Number(amount) * (unitBytes.get(unit) ?? Number.NaN);
}

/** Bytes, within bounds that are written as a user would write them. */
export function bytes(least: string, most: string): Kind<number> {
  const expected = `bytes from ${least} to ${most}, such as 64MiB, 1Gi or 1000000`;
  const parse = (text: string): Parsed<number> => {
    const value = byteCount(text);
    return value >= byteCount(least) && value <= byteCount(most) ? { value } : { expected };
  };
  return { shown: '<bytes>', parse };
}

export function integer(least: number, most: number): Kind<number> {
  const expected = `a whole number from ${least} to ${most}`;
  const parse = (text: string): Parsed<number> => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? { value } : { expected };
  };
  return { shown: '<number>', parse };
}

export function oneOf<const T extends string>(allowed: readonly T[]): Kind<T> {
  const expected = `one of ${allowed.join(', ')}`;
  const parse = (text: string): Parsed<T> => {
    const value = allowed.find((one) => one === text);
    return value === undefined ? { expected } : { value };
  };
  return { shown: allowed.join('|'), parse };
}

/** Any number of the allowed words, separated by commas, each at most once. */
export function listOf<const T extends string>(allowed: readonly T[]): Kind<readonly T[]> {
  const expected = `a comma-separated list of ${allowed.join(', ')}, each at most once`;
  const parse = (text: string): Parsed<readonly T[]> => {
    const words = text.split(',').map((word) => word.trim());
    const value = allowed.filter((one) => words.includes(one));
    return value.length === words.length ? { value } : { expected };
  };
  return { shown: '<list>', parse };
}

/** Namespaces by pattern: see watch/namespaces.ts. */
export const namespaces: Kind<readonly string[]> = {
  shown: '<list>',
  parse(text) {
    const expected =
      'a comma-separated list of namespaces, with * for any characters and ! before those to leave out, such as team-*,!team-b';
    const value = text.split(',').map((word) => word.trim());
    return value.every((word) => /^!?[-a-z0-9*]{1,63}$/.test(word)) ? { value } : { expected };
  },
};

/** A label or an annotation, and the name it is to be written under. */
export interface NamedKey {
  readonly key: string;
  readonly name: string;
}

/** What Kubernetes takes for the key of a label, and our own `=name` after it. */
const namedKey =
  /^((?:[a-z0-9][-a-z0-9.]{0,252}\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)(?:=([A-Za-z0-9]\w{0,62}))?$/;

/** Keys of labels or annotations. Without a name of its own a key is written with `_` for whatever would need quoting in a query. */
export const namedKeys: Kind<readonly NamedKey[]> = {
  shown: '<list>',
  parse(text) {
    const expected =
      'a comma-separated list of keys, each with =name after it where it has another name, such as app,example.com/team=team';
    const value: NamedKey[] = [];
    for (const word of text.split(',')) {
      const [, key, name] = namedKey.exec(word.trim()) ?? [];
      if (key === undefined || value.some((known) => known.key === key)) return { expected };
      value.push({ key, name: name ?? key.replaceAll(/\W/g, '_') });
    }
    return { value };
  },
};

const longestName = 253;

/** A name that becomes a tag or a part of a request. 253 characters is the most a Kubernetes name may have. */
export const name: Kind<string> = {
  shown: '<name>',
  parse: (text) => (text.length <= longestName ? { value: text } : { expected: `a name of at most ${longestName} characters` }),
};

/** A trailing slash is left out, so that paths can be joined and compared. */
export const path: Kind<string> = {
  shown: '<path>',
  parse: (text) => ({ value: text.replace(/(?<=.)\/+$/, '') || '/' }),
};

/** A token goes into a header, which holds no space and nothing but ASCII. */
export const token: Kind<string> = {
  shown: '<token>',
  parse: (text) => (/^[!-~]+$/.test(text) ? { value: text } : { expected: 'one word of printable ASCII' }),
};

/** The base of an HTTP API. A path is kept (a proxy may need it), a trailing slash is not. */
export const url: Kind<string> = {
  shown: '<url>',
  parse(text) {
    const expected = 'an http:// or https:// address without user, query or fragment, such as https://influxdb.example:8086';
    const parsed = URL.parse(text);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) return { expected };
    if (parsed.username !== '' || parsed.password !== '' || /[?#]/.test(text)) return { expected };
    return { value: parsed.href.replace(/\/+$/, '') };
  },
};

/** Where to serve: on every address of the host where none is named. */
export interface ListenAddress {
  /** Of either family, without brackets. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** Brackets may stand around IPv4 too, so that `[$(POD_IP)]:9610` is right in a cluster of either kind. */
export const listen: Kind<ListenAddress | 'off'> = {
  shown: 'off|<address>:<port>',
  parse(text) {
    if (text === 'off') return { value: text };
    const { bracketed, bare, port } = /^(?:\[(?<bracketed>[^\]]+)\]|(?<bare>[^:]*)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
    const host = bracketed ?? bare ?? '';
    const known = bracketed === undefined ? host === '' || isIPv4(host) : isIP(host) !== 0;
    if (!known || port === undefined || Number(port) > 65_535) {
      return { expected: 'an IP address and a port, such as 127.0.0.1:9610, [::1]:9610 or :9610, or off' };
    }
    return { value: { ...(host !== '' && { host }), port: Number(port) } };
  },
};

export type Output =
  | { readonly kind: 'influxdb' }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string };

export const output: Kind<Output> = {
  shown: 'influxdb|stdout|file:<path>',
  parse(text) {
    if (text === 'influxdb' || text === 'stdout') return { value: { kind: text } };
    const [, file] = /^file:(.+)$/.exec(text) ?? [];
    return file === undefined ? { expected: 'influxdb, stdout or file:<path>' } : { value: { kind: 'file', path: file } };
  },
};
