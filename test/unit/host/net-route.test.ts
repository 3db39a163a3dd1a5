import { expect, test } from 'vitest';
import { parseNetRoute } from '../../../src/host/net-route.ts';
import { parseText } from './parse-text.ts';
import { netRoute } from './texts.ts';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

function row(name: string, { destination = '00000000', flags = '0003', metric = '0', mask = '00000000' } = {}): string {
  return `${name}\t${destination}\t0100000A\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0   \n`;
}

test('the interface of the default route', () => {
  expect(parseText(parseNetRoute, netRoute)).toEqual({ value: 'eth0', malformed: [] });
});

test('the lowest metric wins, the first of equals', () => {
  const text = header + row('a', { metric: '200' }) + row('b', { metric: '100' }) + row('c', { metric: '100' });
  expect(parseText(parseNetRoute, text)).toEqual({ value: 'b', malformed: [] });
});

test('a metric above 2^31, which the kernel prints as a negative number, is the highest', () => {
  expect(parseText(parseNetRoute, header + row('a', { metric: '-1' }) + row('b', { metric: '1024' }))).toEqual({
    value: 'b',
    malformed: [],
  });
});

test.each([
  ['is down', row('eth0', { flags: '0002' })],
  ['rejects', row('eth0', { flags: '0201' })],
  ['has no device', row('*', { flags: '0001' })],
  ['is to half of all addresses', row('eth0', { mask: '00000080' })],
  ['is to one network', row('eth0', { destination: '000200C0', mask: '00FFFFFF' })],
])('a route that %s is no default', (_, text) => {
  expect(parseText(parseNetRoute, header + text)).toEqual({ value: undefined, malformed: [] });
});

test('an interface may be called Iface', () => {
  expect(parseText(parseNetRoute, header + row('Iface'))).toEqual({ value: 'Iface', malformed: [] });
});

test('no route at all', () => {
  expect(parseText(parseNetRoute, header)).toEqual({ value: undefined, malformed: [] });
});

test('a malformed row is reported and costs only itself', () => {
  const bad = ['eth1\t00000000', 'eth1\t0000000x\t0\t3\t0\t0\t0\t0', 'eth1\t0\t0\t3\t0\t0\tlow\t0', ''];
  expect(parseText(parseNetRoute, `${header}${bad.join('\n')}\n${row('eth0')}`)).toEqual({ value: 'eth0', malformed: bad });
});
