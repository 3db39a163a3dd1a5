import { describe, expect, test } from 'vitest';
import { type DeviceIo, parseIoStat } from '../../../src/host/io-stat.ts';
import { ioStat } from './cgroup-texts.ts';
import { parseText } from './parse-text.ts';

function row(device: string, values: Partial<DeviceIo>): DeviceIo {
  return {
    readBytes: undefined,
    writeBytes: undefined,
    reads: undefined,
    writes: undefined,
    discardBytes: undefined,
    discards: undefined,
    costUsageMicroseconds: undefined,
    costWaitMicroseconds: undefined,
    costIndebtMicroseconds: undefined,
    costIndelayMicroseconds: undefined,
    ...values,
    device,
  };
}

test('one row a device, in the order of the file, with the cost where the kernel counts it', () => {
  expect(parseText(parseIoStat, ioStat)).toEqual({
    value: [
      row('8:16', { readBytes: 1459200, writeBytes: 314773504, reads: 192, writes: 353, discardBytes: 0, discards: 0 }),
      row('8:0', {
        readBytes: 90430464,
        writeBytes: 299008000,
        reads: 8950,
        writes: 1252,
        discardBytes: 50331648,
        discards: 3021,
      }),
      row('254:1', {
        readBytes: 4096,
        writeBytes: 8192,
        reads: 1,
        writes: 2,
        discardBytes: 512,
        discards: 7,
        costUsageMicroseconds: 1103,
        costWaitMicroseconds: 205,
        costIndebtMicroseconds: 31,
        costIndelayMicroseconds: 17,
      }),
    ],
    malformed: [],
  });
});

test('two devices with values on one line keep their own', () => {
  expect(parseText(parseIoStat, '8:0 rbytes=1 8:16 rios=2\n')).toEqual({
    value: [row('8:0', { readBytes: 1 }), row('8:16', { reads: 2 })],
    malformed: [],
  });
});

test('a cgroup that did no I/O has no rows', () => {
  expect(parseText(parseIoStat, '')).toEqual({ value: [], malformed: [] });
});

test('keys come in any order, unknown ones are passed over, and no value goes from one device to the next', () => {
  const text = '8:0 dios=6 cost.vrate=100.00 use_delay=1 rbytes=1\n8:16 wios=4 depth=max\n8:32 avg_lat=3\n';
  expect(parseText(parseIoStat, text)).toEqual({
    value: [row('8:0', { discards: 6, readBytes: 1 }), row('8:16', { writes: 4 })],
    malformed: [],
  });
});

describe('what kernels are known to print', () => {
  test.each([
    ['several devices on a line: the values are those of the last', '7:7 7:6 7:5 rbytes=1\n8:0 rios=2\n', ['7:5', '8:0']],
    ['devices alone', '7:7\n7:6 \n8:0 rios=2\n', ['8:0']],
    ['devices alone at the end, without a newline', '8:0 rios=2\n252:0 ', ['8:0']],
    ['nothing but those', '252:0 252:1 ', []],
    ['a device without a name', '(unknown) rbytes=9\n8:0 rios=2\n', ['8:0']],
    ['one after a device', '7:7 (unknown) rbytes=9\n8:0 rios=2\n(unknown) ', ['8:0']],
  ])('%s', (_, text, devices) => {
    const { value, malformed } = parseText(parseIoStat, text);
    expect([value.map(({ device }) => device), malformed]).toEqual([devices, []]);
  });
});

test.each(['8:16', '8:16 rbytes=1', '252:0 x '])('a last line %j that was cut is reported and left out', (line) => {
  expect(parseText(parseIoStat, `8:0 rios=2\n${line}`)).toEqual({ value: [row('8:0', { reads: 2 })], malformed: [line] });
});

test.each([
  '',
  ' ',
  'rbytes=1',
  '8: rbytes=1',
  ':0 rbytes=1',
  '8:00 rbytes=1',
  '4096:0 rbytes=1',
  '8:1048576 rbytes=1',
  '8:x rbytes=1',
  'vda rbytes=1',
  '8:16 rbytes=',
  '8:16 rbytes=-1',
  '8:16 rbytes=18446744073709551616',
])('the line %j is reported and costs only itself', (line) => {
  expect(parseText(parseIoStat, `${line}\n8:0 rios=2\n`)).toEqual({ value: [row('8:0', { reads: 2 })], malformed: [line] });
});

test('a value that is none costs only itself', () => {
  expect(parseText(parseIoStat, '8:0 rbytes=1 wbytes=? rios=2\n')).toEqual({
    value: [row('8:0', { readBytes: 1, reads: 2 })],
    malformed: ['8:0 rbytes=1 wbytes=? rios=2'],
  });
});

test('more devices than are remembered are told apart all the same', () => {
  const devices = Array.from({ length: 10_000 }, (_, index) => `${index % 4096}:${index}`);
  const text = devices.map((device) => `${device} rios=1\n`).join('');
  expect(parseText(parseIoStat, text).value.map(({ device }) => device)).toEqual(devices);
});
