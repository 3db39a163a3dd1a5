import { expect, test } from 'vitest';
import { parseNetDev } from '../../../src/host/net-dev.ts';
import { parseText } from './parse-text.ts';
import { netDev } from './texts.ts';

const header = netDev.split('\n').slice(0, 2).join('\n');
const ones = '1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0';
const onesRow = { rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 };

test('one row an interface, in the order of the file', () => {
  expect(parseText(parseNetDev, netDev)).toEqual({
    value: [
      {
        name: 'lo',
        rxBytes: 3293,
        rxPackets: 31,
        rxErrors: 0,
        rxDropped: 0,
        txBytes: 3293,
        txPackets: 31,
        txErrors: 0,
        txDropped: 0,
      },
      {
        name: 'eth0',
        rxBytes: 663585063,
        rxPackets: 27777,
        rxErrors: 1,
        rxDropped: 2,
        txBytes: 1999128,
        txPackets: 17048,
        txErrors: 7,
        txDropped: 8,
      },
    ],
    malformed: [],
  });
});

test.each(['eth0', 'a|b', 'Inter-|', 'veth1234567890a', '-', '"x"', 'é', '🐳', 'a,b=c\\'])(
  'the name %j comes through, its colon next to the number',
  (name) => {
    expect(parseText(parseNetDev, `${header}\n${name}:${ones}\n`)).toEqual({ value: [{ name, ...onesRow }], malformed: [] });
  },
);

test('a counter above 2^53 is exact', () => {
  const { value } = parseText(parseNetDev, `${header}\neth0: 18446744073709551615 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n`);
  expect(value).toEqual([{ name: 'eth0', ...onesRow, rxBytes: 18446744073709551615n }]);
});

test.each(['eth0 1 2 3', 'eth0:', 'eth0: 1 2 3', ` : ${ones}`, `eth0: -${ones}`, `eth0: x${ones}`, '', '|'])(
  'the row %j is reported and costs only itself',
  (row) => {
    expect(parseText(parseNetDev, `${header}\n${row}\nlo: ${ones}\n`)).toEqual({
      value: [{ name: 'lo', ...onesRow }],
      malformed: [row],
    });
  },
);

test('columns that a later kernel adds are passed over', () => {
  expect(parseText(parseNetDev, `${header}\neth0: ${ones} 17 18\n`).value).toEqual([{ name: 'eth0', ...onesRow }]);
});

test('a last row that was cut is left out', () => {
  expect(parseText(parseNetDev, `${header}\nlo: ${ones}\neth0: ${ones}`)).toEqual({
    value: [{ name: 'lo', ...onesRow }],
    malformed: [`eth0: ${ones}`],
  });
});
