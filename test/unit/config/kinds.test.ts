import { describe, expect, test } from 'vitest';
import {
  bytes,
  duration,
  integer,
  listen,
  listOf,
  namedKeys,
  namespaces,
  oneOf,
  output,
  path,
  period,
  token,
  url,
} from '../../../src/config/kinds.ts';

test.each([
  ['0', 0],
  ['500ms', 500],
  ['10s', 10_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
])('the duration %s', (text, value) => {
  expect(duration('0', '1h').parse(text)).toEqual({ value });
});

test.each(['10', '-1s', '1.5s', '1 s', '1S', '10sec', '61m', '1h1m', 's', '', '1e3s', '9'.repeat(20) + 's', 'NaNs'])(
  '%j is no duration up to an hour',
  (text) => {
    expect(duration('0', '1h').parse(text)).toEqual({
      expected: 'a duration from 0 to 1h with its unit (ms, s, m or h), such as 10s',
    });
  },
);

test.each(['0', '0ms', '0h'])('a period of %s has a message of its own', (text) => {
  expect(period('100ms', '1h').parse(text)).toEqual({
    expected: '100ms to 1h: with 0 only requests are answered, and this version serves none',
  });
});

test('a period outside its bounds is refused like every duration', () => {
  expect(period('100ms', '1h').parse('99ms')).toEqual({
    expected: 'a duration from 100ms to 1h with its unit (ms, s, m or h), such as 10s',
  });
  expect(period('100ms', '1h').parse('100ms')).toEqual({ value: 100 });
});

test.each([
  ['0', 0],
  ['1000000', 1_000_000],
  ['64MiB', 67_108_864],
  ['64Mi', 67_108_864],
  ['1Gi', 1_073_741_824],
  ['2KiB', 2048],
  ['5k', 5000],
  ['5kB', 5000],
  ['5MB', 5_000_000],
  ['1G', 1_000_000_000],
  ['7B', 7],
])('%s in bytes', (text, value) => {
  expect(bytes('0', '16GiB').parse(text)).toEqual({ value });
});

test.each(['-1', '1.5Gi', '1 MiB', '1KB', '1mib', '17GiB', 'MiB', '9'.repeat(20)])(
  '%j is no count of bytes up to 16GiB',
  (text) => {
    expect(bytes('0', '16GiB').parse(text)).toEqual({ expected: 'bytes from 0 to 16GiB, such as 64MiB, 1Gi or 1000000' });
  },
);

test.each(['0', '9', '-1', '1.0', '0x1', '1e0', ''])('%j is no whole number from 1 to 8', (text) => {
  expect(integer(1, 8).parse(text)).toEqual({ expected: 'a whole number from 1 to 8' });
});

test('a word is one of those allowed, a list has each at most once and in our order', () => {
  expect(oneOf(['a', 'b']).parse('b')).toEqual({ value: 'b' });
  expect(oneOf(['a', 'b']).parse('A')).toEqual({ expected: 'one of a, b' });
  expect(listOf(['a', 'b', 'c']).parse('c, a')).toEqual({ value: ['a', 'c'] });
  for (const text of ['a,a', 'a,', 'd', 'a b']) {
    expect(listOf(['a', 'b']).parse(text)).toEqual({ expected: 'a comma-separated list of a, b, each at most once' });
  }
});

test('a path loses its trailing slashes, and the root stays one', () => {
  expect(['/proc/', '/a//', '/', '//', 'rel'].map((text) => path.parse(text))).toEqual([
    { value: '/proc' },
    { value: '/a' },
    { value: '/' },
    { value: '/' },
    { value: 'rel' },
  ]);
});

test('an output is InfluxDB, stdout or a file', () => {
  expect(output.parse('file:a:b')).toEqual({ value: { kind: 'file', path: 'a:b' } });
  expect(output.parse('influx')).toEqual({ expected: 'influxdb, stdout or file:<path>' });
});

test('a token is what fits into a header', () => {
  expect(token.parse('user:pa==/+')).toEqual({ value: 'user:pa==/+' });
  expect(token.parse('ü')).toEqual({ expected: 'one word of printable ASCII' });
});

describe('url', () => {
  test('a path is kept, a trailing slash is not', () => {
    expect(url.parse('https://a.example/influx/')).toEqual({ value: 'https://a.example/influx' });
    expect(url.parse('HTTP://[::1]:8086')).toEqual({ value: 'http://[::1]:8086' });
  });

  test.each([
    'a.example',
    'ftp://a',
    'http://',
    'https://u@a',
    'https://u:p@a',
    'https://a?b',
    'https://a/?',
    'https://a#b',
    'file:///a',
  ])('%s is refused', (text) => {
    expect(url.parse(text)).toHaveProperty('expected');
  });
});

test('namespaces are patterns, each with what Kubernetes lets stand in a name', () => {
  expect(namespaces.parse('shop, team-*,!team-b,*')).toEqual({ value: ['shop', 'team-*', '!team-b', '*'] });
  for (const text of ['Shop', 'a,', '!', 'a b', '!!a', 'a/b', 'n'.repeat(64)]) {
    expect(namespaces.parse(text)).toHaveProperty('expected');
  }
});

test('a key of a label stands for its name, with _ for what a query would have to quote', () => {
  expect(namedKeys.parse('app.kubernetes.io/name, 3scale.net/Plan-B=plan_b')).toEqual({
    value: [
      { key: 'app.kubernetes.io/name', name: 'app_kubernetes_io_name' },
      { key: '3scale.net/Plan-B', name: 'plan_b' },
    ],
  });
  for (const text of ['a=', 'a=_b', 'a=b-c', '=a', 'a/b/c', 'A.example/b', '__proto__', 'a,a=b', `${'n'.repeat(64)}`]) {
    expect(namedKeys.parse(text)).toHaveProperty('expected');
  }
});

test.each([
  ['127.0.0.1:9610', { host: '127.0.0.1', port: 9610 }],
  ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
  ['[::]:65535', { host: '::', port: 65_535 }],
  ['[fd00::5]:9610', { host: 'fd00::5', port: 9610 }],
  ['[10.0.0.5]:9610', { host: '10.0.0.5', port: 9610 }],
  [':9610', { port: 9610 }],
  ['off', 'off'],
])('%s is where to listen', (text, value) => {
  expect(listen.parse(text)).toEqual({ value });
});

test.each([
  ...[
    '9610',
    '127.0.0.1',
    '127.0.0.1:',
    ':',
    ':65536',
    ':-1',
    ':1e3',
    'localhost:9610',
    '::1:9610',
    'fd00::5',
    '[::1]',
    '[]:9610',
  ],
  ...[
    '[::1]9610',
    '[localhost]:9610',
    '$(POD_IP):9610',
    '256.0.0.1:9610',
    'http://127.0.0.1:9610',
    '127.0.0.1:9610/',
    'OFF',
    '',
  ],
])('%j is not', (text) => {
  expect(listen.parse(text)).toEqual({
    expected: 'an IP address and a port, such as 127.0.0.1:9610, [::1]:9610 or :9610, or off',
  });
});
