import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswer } from '../../../src/write/answer.ts';
import type { Outcome } from '../../../src/write/target.ts';

const points = 10;
const wall = Date.parse('2026-01-01T00:00:00Z');

function read(status: number, text = '', headers: Readonly<Record<string, string>> = {}): Outcome {
  return readAnswer({ status, headers, text, sent: true }, points, wall);
}

function influx(code: string, message: string): string {
  return JSON.stringify({ code, message });
}

test.each([
  [204, ''],
  [200, ''],
  [200, ' \n'],
  [201, '{}'],
  [200, '{"error":""}'],
])('%d with %j is taken whole', (status, text) => {
  expect(read(status, text)).toEqual({ kind: 'taken', rejected: 0 });
});

const droppedThree = 'failure writing points to database: partial write: points beyond retention policy dropped=3';
const badLines = [
  { original_line: 'a', line_number: 1, error_message: 'no' },
  { original_line: 'b', line_number: 7, error_message: 'no' },
];

test.each([
  ['InfluxDB 2', 422, influx('unprocessable entity', droppedThree), 3],
  ['InfluxDB 1', 400, JSON.stringify({ error: 'partial write: field type conflict: input field "x" dropped=2' }), 2],
  ['InfluxDB 3', 400, JSON.stringify({ error: 'partial write of line protocol occurred', data: badLines }), 2],
  ['InfluxDB 3, with 201', 201, JSON.stringify({ error: 'partial write of line protocol occurred', data: badLines }), 2],
  ['the cloud', 400, influx('invalid', 'partial write error (7 accepted): bad schema'), 3],
  ['nobody, with a number too large', 422, influx('unprocessable entity', 'dropped=99999999999999999999999'), 10],
])('the points that %s refuses of a batch it keeps are rejected', (_server, status, text, rejected) => {
  const reason: unknown = expect.stringMatching(`^HTTP ${status}: `);
  expect(read(status, text)).toEqual({ kind: 'taken', rejected, reason });
});

test.each([
  [400, influx('invalid', "unable to parse 'a b': invalid boolean"), "HTTP 400: unable to parse 'a b': invalid boolean"],
  [400, '{"error":"partial write of line protocol occurred","data":null}', 'HTTP 400: partial write of line protocol occurred'],
  [422, influx('unprocessable entity', 'schema conflict'), 'HTTP 422: schema conflict'],
  [400, '{}', 'HTTP 400'],
  [200, influx('internal error', 'oh'), 'HTTP 200: oh'],
])('%d with %s is bisected', (status, text, reason) => {
  expect(read(status, text)).toEqual({ kind: 'bisect', reason });
});

test('413 is split, whoever says so', () => {
  expect(read(413, '<html>too\n large</html>')).toEqual({ kind: 'split', reason: 'HTTP 413: <html>too large</html>' });
});

test.each([401, 403, 404, 408, 425, 429, 502, 503, 504])('%d keeps the batch without a suspicion', (status) => {
  expect(read(status, influx('x', 'why'))).toEqual({ kind: 'wait', reason: `HTTP ${status}: why`, suspect: false });
});

test.each([500, 501, 507, 405, 406, 415, 499])('%d keeps the batch but may be its fault', (status) => {
  expect(read(status)).toEqual({ kind: 'wait', reason: `HTTP ${status}`, suspect: true });
});

test('a redirect is not followed and named', () => {
  expect(read(302, '', { location: 'https://elsewhere/' })).toEqual({
    kind: 'wait',
    reason: "HTTP 302 to 'https://elsewhere/': redirects are not followed",
    suspect: false,
  });
});

test.each([
  [200, '<html>Welcome to Grafana</html>'],
  [200, '{"error":"partial wr'],
  [400, '<html>The plain HTTP request was sent to HTTPS port</html>'],
  [400, '{"code":"inva'],
  [400, '[]'],
  [422, 'null'],
  [400, ''],
])('%d with %j is no answer of InfluxDB and costs nothing', (status, text) => {
  expect(read(status, text)).toMatchObject({ kind: 'wait', suspect: true });
});

test.each([
  ['120', {}, 120_000],
  [' 0 ', {}, 0],
  ['1.5', {}, 1500],
  ['Thu, 01 Jan 2026 00:01:00 GMT', {}, 60_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', { date: 'Thu, 01 Jan 2026 00:00:50 GMT' }, 10_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', {}, 0],
  ['soon', {}, undefined],
  ['-5', {}, undefined],
  ['', {}, undefined],
])('Retry-After: %s with %o is %s ms', (value, headers, milliseconds) => {
  for (const status of [429, 503, 500]) {
    const outcome = read(status, '', { 'retry-after': value, ...headers });
    expect(outcome.kind === 'wait' && outcome.retryAfterMs).toBe(milliseconds);
  }
});

test('any answer is read, and none but a success or a count takes points from the queue', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ error: fc.anything(), message: fc.anything(), data: fc.anything() }).map(stringify),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), text, fc.string(), (status, body, header) => {
      const outcome = read(status, body, { 'retry-after': header, location: header });
      const within =
        outcome.kind === 'taken' ? outcome.rejected >= 0 && outcome.rejected <= points : outcome.reason.length < 400;
      const success = (status >= 200 && status < 300) || status === 400 || status === 422;
      expect(within && (success || outcome.kind !== 'taken')).toBe(true);
    }),
  );
});

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // A BigInt or a cycle cannot be in an answer.
    return '{}';
  }
}
