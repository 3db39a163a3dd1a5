import { expect, test } from 'vitest';
import { deviceOf, parseDevice } from '../../../src/host/device.ts';

function parse(text: string) {
  const bytes = Buffer.from(`7${text}7`);
  return parseDevice(bytes, 1, bytes.length - 1);
}

test.each(['0:0', '8:16', '4095:1048575'])('%s is a device', (text) => {
  expect([parse(text), parse(text)]).toEqual([text, text]);
});

test.each(['', ':', '8', '8:', ':0', '8:0:1', '08:0', '8:00', '-8:0', '4096:0', '0:1048576', '8:x', '18446744073709551615:0'])(
  '%j is none',
  (text) => {
    expect(parse(text)).toBeUndefined();
  },
);

test('two devices never have one text', () => {
  const bits = Array.from({ length: 12 }, (_, bit) => 2 ** bit);
  const minors = [0, ...bits, ...bits.map((bit) => bit * 256)];
  const devices = bits.flatMap((major) => minors.map((minor) => `${major}:${minor}`));
  for (const _ of ['made', 'kept']) {
    expect(bits.flatMap((major) => minors.map((minor) => deviceOf(major, minor)))).toEqual(devices);
  }
});
