import { createHash } from 'node:crypto';

/** Longest tag value in bytes of UTF-8: more than any name in Kubernetes (253). */
const maxTagBytes = 256;
/** Longest string field in bytes of UTF-8. */
const maxStringBytes = 4096;

const control = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/**
 * Parsers disagree about a backslash in a tag: at the end it swallows the comma, before a space or `=` InfluxDB 2 cuts the
 * line elsewhere than it parses it, and InfluxDB 3 reads two as one. Followed by `x`, as systemd escapes unit names, all take
 * it as it is.
 */
const unsafeInTag = /[\p{Cc}\p{Zl}\p{Zp}]|\\(?!x)/gu;
const digestLength = 16;

/**
 * A tag's value as it can be written and read back: never empty, at most 256 bytes. What no parser reads back becomes `_`,
 * which needs no escape and is no separator in a path; then, and when it had to be cut, a digest of the whole value follows,
 * so that two values never share a series.
 */
export function tagValue(value: string | undefined): string {
  if (value === undefined || value === '') return 'none';
  const clean = value
    .slice(0, maxTagBytes + 1)
    .toWellFormed()
    .replace(unsafeInTag, '_');
  if (clean === value && Buffer.byteLength(clean) <= maxTagBytes) return clean;
  // UTF-16, since in UTF-8 all lone surrogates are the same bytes.
  const digest = createHash('sha256').update(Buffer.from(value, 'utf16le')).digest('hex').slice(0, digestLength);
  return `${cut(clean, maxTagBytes - digestLength - 1)}~${digest}`;
}

/** A tag's value escaped for the line protocol. */
export function escapeTag(value: string): string {
  return value.replace(/[ ,=]/g, '\\$&');
}

/** A string field, quoted. Control characters become spaces, so that a line break always ends a point. At most 4 KiB. */
export function quoteString(value: string): string {
  const clean = cut(
    value
      .slice(0, maxStringBytes + 1)
      .toWellFormed()
      .replace(control, ' '),
    maxStringBytes,
  );
  return `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

/** At most `maxBytes` bytes of UTF-8, cut between two code points. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (isContinuation(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
