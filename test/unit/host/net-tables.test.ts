import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { netTables } from '../../../src/host/net-tables.ts';
import { parseText, runs } from './parse-text.ts';
import { netstat, snmp } from './proc-texts.ts';

const keys = ['Tcp.RetransSegs', 'Tcp.CurrEstab', 'Udp.NoPorts'];

function parse(text: string) {
  return parseText(netTables(keys), text);
}

test('the wanted values, in the order of the keys', () => {
  expect(parse(snmp)).toEqual({ value: [7109, 4, 50], malformed: [] });
  expect(parseText(netTables(['TcpExt.ListenDrops', 'IpExt.OutOctets', 'TcpExt.New', 'Other.New']), netstat)).toEqual({
    value: [4, 4293376577, undefined, undefined],
    malformed: [],
  });
});

test('the -1 of Tcp.MaxConn is "no limit": absent, and no error', () => {
  expect(parseText(netTables(['Tcp.MaxConn']), snmp)).toEqual({ value: [undefined], malformed: [] });
  expect(parseText(netTables(['Tcp.MaxConn']), 'Tcp: MaxConn\nTcp: 12\n').value).toEqual([12]);
});

test('columns are known by their names, wherever they stand', () => {
  expect(parse('Tcp: CurrEstab New RetransSegs\nTcp: 1 2 3\n')).toEqual({ value: [3, 1, undefined], malformed: [] });
});

test('of a protocol that comes twice the first values count', () => {
  expect(parse('Udp: NoPorts\nUdp: 1\nUdp: NoPorts\nUdp: 2\n')).toEqual({
    value: [undefined, undefined, 1],
    malformed: [],
  });
});

describe('is reported and costs only itself', () => {
  test.each(['', 'Tcp', 'Tcp:', ' Tcp: 1', 'Tcp 1 2', ': 1', '::', 'Tcp: 1 2 3', 'Tcp: 1', 'Tcp: 1 x', 'Tcp: 1 -'])(
    '%j',
    (line) => {
      const others = 'Udp: NoPorts\nUdp: 5\n';
      const { value, malformed } = parse(`Tcp: New RetransSegs\n${line}\n${others}`);
      expect([value, malformed]).toEqual([[undefined, undefined, 5], [line]]);
    },
  );

  test('values without names', () => {
    expect(parse('Tcp: 1 2\nUdp: NoPorts\nUdp: 5\n')).toEqual({ value: [undefined, undefined, 5], malformed: ['Tcp: 1 2'] });
  });

  test('a value that is none', () => {
    expect(parse('Tcp: RetransSegs CurrEstab\nTcp: 1x 2\n')).toEqual({
      value: [undefined, 2, undefined],
      malformed: ['Tcp: 1x 2'],
    });
  });
});

describe('the names that were seen before', () => {
  const names = fc.subarray(['RetransSegs', 'CurrEstab', 'CurrEstabs', 'NoPorts', 'New', 'X'.repeat(9000)], { minLength: 1 });
  const shuffled = names.chain((some) => fc.shuffledSubarray(some, { minLength: 1 }));
  const anyTable = fc.tuple(fc.constantFrom('Tcp', 'Udp', 'Ip'), shuffled, fc.boolean()).map(([protocol, columns, torn]) => {
    const values = columns.map((_, index) => index + 1).slice(torn ? 1 : 0);
    return `${protocol}: ${columns.join(' ')}\n${protocol}: ${values.join(' ')}\n`;
  });
  const anyFile = fc.array(anyTable, { maxLength: 4 }).map((tables) => tables.join(''));

  test('never change a result: any sequence of files gives what fresh parsers give', () => {
    fc.assert(
      fc.property(fc.array(anyFile, { maxLength: 6 }), (files) => {
        const learning = netTables(keys);
        for (const file of files) expect(parseText(learning, file)).toEqual(parse(file));
      }),
      { numRuns: runs },
    );
  }, 60_000);

  test('are of that file: values without names are not understood by names of another', () => {
    const learning = netTables(keys);
    expect(parseText(learning, 'Udp: NoPorts\nUdp: 5\n').value).toEqual([undefined, undefined, 5]);
    expect(parseText(learning, 'Udp: 6\n')).toEqual({ value: [undefined, undefined, undefined], malformed: ['Udp: 6'] });
  });
});
