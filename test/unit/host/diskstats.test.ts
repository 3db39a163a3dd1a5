import { expect, test } from 'vitest';
import { parseDiskstats } from '../../../src/host/diskstats.ts';
import { parseText } from './parse-text.ts';
import { diskstats } from './proc-texts.ts';

test('the devices by number, with their names; sectors are 512 bytes', () => {
  const { value, malformed } = parseText(parseDiskstats, diskstats);
  expect(malformed).toEqual([]);
  expect([...value].map(([device, { name }]) => `${device} ${name}`)).toEqual([
    '7:0 loop0',
    '253:0 vda',
    '254:1 vda1',
    '259:4 nvme0n1p4',
  ]);
  expect(value.get('253:0')).toEqual({
    name: 'vda',
    reads: 871572,
    readBytes: 18_995_045_376,
    readMilliseconds: 2446129,
    writes: 185374,
    writeBytes: 30_207_410_176,
    writeMilliseconds: 318058,
    inProgress: 0,
    ioMilliseconds: 307484,
    weightedIoMilliseconds: 2829105,
    discards: 217546,
    discardBytes: 23_296_876_544,
  });
});

test('before Linux 4.18 there are no discards', () => {
  expect(parseText(parseDiskstats, '8 1 sda1 1 2 3 4 5 6 7 8 9 10 11\n').value.get('8:1')).toEqual({
    name: 'sda1',
    reads: 1,
    readBytes: 1536,
    readMilliseconds: 4,
    writes: 5,
    writeBytes: 3584,
    writeMilliseconds: 8,
    inProgress: 9,
    ioMilliseconds: 10,
    weightedIoMilliseconds: 11,
    discards: undefined,
    discardBytes: undefined,
  });
});

const zeros = '0 0 0 0 0 0 0 0 0 0 0';

test.each([
  '',
  '8 0 sda',
  '8 0 sda 0 0 0 0 0 0 0 0 0 0',
  `8 0 sda x ${zeros}`,
  `8 x sda ${zeros}`,
  `08 0 sda ${zeros}`,
  `4096 0 sda ${zeros}`,
  `8 0 sda ${zeros} -1 0 0 0`,
])('the row %j is reported and costs only itself', (row) => {
  const { value, malformed } = parseText(parseDiskstats, `${row}\n8 16 sdb ${zeros}\n`);
  expect([[...value.keys()], malformed]).toEqual([['8:16'], [row]]);
});

test('of a device that comes twice the first row counts', () => {
  expect(parseText(parseDiskstats, `8 0 a ${zeros}\n8 0 b ${zeros}\n`).value.get('8:0')?.name).toBe('a');
});
