import { expect, test } from 'vitest';
import { parseNetIpv6Route } from '../../../src/host/net-ipv6-route.ts';
import { parseText } from './parse-text.ts';
import { netIpv6Route } from './texts.ts';

const zeros = '0'.repeat(32);

function row(name: string, { destination = zeros, prefix = '00', metric = '00000400', flags = '00000003' } = {}): string {
  return `${destination} ${prefix} ${zeros} 00 ${zeros} ${metric} 00000001 00000000 ${flags} ${name.padStart(8)}\n`;
}

test('the interface of the default route, not the unreachable one on lo', () => {
  expect(parseText(parseNetIpv6Route, netIpv6Route)).toEqual({ value: 'eth0', malformed: [] });
});

test('the lowest metric wins, the first of equals', () => {
  const text = row('a', { metric: 'ffffffff' }) + row('b', { metric: '00000100' }) + row('c', { metric: '00000100' });
  expect(parseText(parseNetIpv6Route, text)).toEqual({ value: 'b', malformed: [] });
});

test.each([
  ['is down', row('eth0', { flags: '00000002' })],
  ['rejects', row('eth0', { flags: '00200201' })],
  ['leads to lo', row('lo')],
  ['has a prefix', row('eth0', { prefix: '01' })],
  ['has a destination', row('eth0', { destination: `${'0'.repeat(31)}1` })],
])('a route that %s is no default', (_, text) => {
  expect(parseText(parseNetIpv6Route, text)).toEqual({ value: undefined, malformed: [] });
});

test('a malformed row is reported and costs only itself', () => {
  const bad = [
    row('a', { destination: '00' }).trimEnd(),
    row('a', { flags: 'up' }).trimEnd(),
    row('a', { metric: '000000000' }).trimEnd(),
    zeros,
    '',
  ];
  expect(parseText(parseNetIpv6Route, `${bad.join('\n')}\n${row('eth0')}`)).toEqual({ value: 'eth0', malformed: bad });
});
