import { expect, test } from 'vitest';
import { readRefusal, retryAfterOf } from '../../../src/watch/refusal.ts';

async function* of(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test.each([
  ['5', undefined, 5000],
  ['0', undefined, 0],
  ['Mon, 23 Nov 2026 10:00:30 GMT', 'Mon, 23 Nov 2026 10:00:00 GMT', 30_000],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 'Mon, 23 Nov 2026 10:00:00 GMT', 0],
  ['Mon, 23 Nov 2026 10:00:30 GMT', undefined, 0],
  ['999999999999', undefined, 300_000],
  ['soon', 'Mon, 23 Nov 2026 10:00:00 GMT', 0],
  ['-5', undefined, 0],
  [undefined, undefined, 0],
])('Retry-After %j at date %j is %d ms', (value, date, expected) => {
  expect(retryAfterOf(value, date)).toBe(expected);
});

test("a refusal with the API server's own words", async () => {
  const chunks = of('{"kind":"Status","mess', 'age":"pods is forbidden:\\n no"}');
  expect(await readRefusal({ status: 403, headers: { 'retry-after': '5' }, chunks })).toEqual({
    status: 403,
    message: 'HTTP 403: pods is forbidden: no',
    retryAfter: 0,
    versionRefused: false,
  });
});

test('a refusal in the words of something in between', async () => {
  expect(await readRefusal({ status: 503, headers: { 'retry-after': '2' }, chunks: of('<html>no upstream</html>') })).toEqual({
    status: 503,
    message: 'HTTP 503',
    retryAfter: 2000,
    versionRefused: false,
  });
});

test('a version ahead of the server is refused, a time-out of a proxy is not that', async () => {
  const ahead = of('{"message":"Timeout: Too large resource version: 9, current: 5"}');
  expect((await readRefusal({ status: 504, headers: {}, chunks: ahead })).versionRefused).toBe(true);
  expect((await readRefusal({ status: 504, headers: {}, chunks: of('Gateway Timeout') })).versionRefused).toBe(false);
});

test('a body without end is read no further than its first pieces', async () => {
  let pieces = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pieces += 1;
      yield Buffer.alloc(10_000);
    }
  }
  expect((await readRefusal({ status: 500, headers: {}, chunks: endless() })).message).toBe('HTTP 500');
  expect(pieces).toBe(7);
});
