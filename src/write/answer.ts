import type { Answer } from './post.ts';
import type { Outcome } from './target.ts';

const mostQuoted = 200;

/**
 * What InfluxDB made of a batch of `points` points, by its answer to /api/v2/write. 1.8, 2, 3 and the clouds differ in how
 * they refuse points: https://docs.influxdata.com/influxdb/v2/write-data/troubleshoot/. `wall` is the Unix time in
 * milliseconds. An answer that is not understood never costs a point.
 */
export function readAnswer(answer: Answer, points: number, wall: number): Outcome {
  const { status, headers, text } = answer;
  const body = parseBody(text);
  const reason = `HTTP ${status}${explain(answer, body)}`;
  const rejected = body === undefined ? undefined : rejectedPoints(body, points);

  if (status >= 200 && status < 300) {
    if (text.trim() === '') return { kind: 'taken', rejected: 0 };
    if (body === undefined) return { kind: 'wait', reason: `${reason}: not an answer of InfluxDB`, suspect: true };
    if (rejected !== undefined) return { kind: 'taken', rejected, reason };
    return isError(body) ? { kind: 'bisect', reason } : { kind: 'taken', rejected: 0 };
  }
  if (status === 413) return { kind: 'split', reason };
  // Without such a body something else answered, a proxy for instance, which has not looked at the points.
  if ((status === 400 || status === 422) && body !== undefined) {
    return rejected === undefined ? { kind: 'bisect', reason } : { kind: 'taken', rejected, reason };
  }
  const retryAfterMs = retryAfter(headers, wall);
  return { kind: 'wait', reason, suspect: !innocent(status), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Whether an answer has nothing to do with the points: redirects, rights, missing buckets, load, gateways. */
function innocent(status: number): boolean {
  return (status >= 300 && status < 400) || [401, 403, 404, 408, 425, 429, 502, 503, 504].includes(status);
}

type Body = Readonly<Record<string, unknown>>;

function parseBody(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : undefined;
  } catch {
    // Not JSON: HTML of a proxy, or cut short.
    return undefined;
  }
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isError({ code, error, message }: Body): boolean {
  return [code, error, message].some((part) => typeof part === 'string' && part !== '');
}

function messageOf({ error, message }: Body): string {
  return [error, message].filter((part) => typeof part === 'string').join(' ');
}

/** Points refused out of a batch whose others were kept; absent when the answer does not say that. */
function rejectedPoints(body: Body, points: number): number | undefined {
  const message = messageOf(body);
  const dropped = /\bdropped=(\d+)/.exec(message);
  if (dropped !== null) return Math.min(Number(dropped[1]), points);
  if (!/partial write/i.test(message)) return undefined;
  // InfluxDB 3 lists the lines, the cloud counts those it kept.
  if (Array.isArray(body['data']) && body['data'].length > 0) return Math.min(body['data'].length, points);
  const accepted = /\((\d+) accepted\)/.exec(message);
  return accepted === null ? undefined : Math.max(0, points - Number(accepted[1]));
}

function explain({ status, headers, text }: Answer, body: Body | undefined): string {
  // To follow one would hand the token to whoever it names.
  if (status >= 300 && status < 400) return ` to '${headers.location ?? ''}': redirects are not followed`.slice(0, mostQuoted);
  const words = (body === undefined ? text.slice(0, mostQuoted * 4) : messageOf(body)).replace(/\s+/g, ' ').trim();
  return words === '' ? '' : `: ${words.slice(0, mostQuoted)}`;
}

/** Seconds or a date (RFC 9110, 10.2.3); a date is compared with the server's own clock where it tells it. */
function retryAfter(headers: Answer['headers'], wall: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  // Without that test `-5` were a date.
  const until = value.endsWith('GMT') ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const servers = Date.parse(headers.date ?? '');
  return Math.max(0, until - (Number.isNaN(servers) ? wall : servers));
}
