import { describe, expect, test } from 'vitest';
import { pressure } from '../../../src/host/pressure.ts';
import { cpuPressure, irqPressure } from './cgroup-texts.ts';
import { parseText } from './parse-text.ts';

const keys = ['full.total', 'some.avg10', 'some.avg60', 'some.avg300', 'some.total', 'full.avg10', 'full.avg300'];

function parse(text: string) {
  return parseText(pressure(keys), text);
}

test('microseconds are exact, averages are percent, in the order of the keys', () => {
  expect(parse(cpuPressure)).toEqual({
    value: [9007199254740993n, 28.19, 49.5, 41.87, 3657013863, 0.07, 100],
    malformed: [],
  });
});

test('irq has no line of some, and a cpu before Linux 5.13 none of full', () => {
  expect(parse(irqPressure).value).toEqual([1254118, undefined, undefined, undefined, undefined, 0.31, 0.19]);
  expect(parse('some avg10=0.00 avg60=1.00 avg300=2.00 total=3\n')).toEqual({
    value: [undefined, 0, 1, 2, 3, undefined, undefined],
    malformed: [],
  });
});

test('lines and keys of later kernels are passed over', () => {
  expect(parse('most avg10=x total=x\nsome avg900=x total=5 peak=7\n')).toEqual({
    value: [undefined, undefined, undefined, undefined, 5, undefined, undefined],
    malformed: [],
  });
});

describe('is reported and costs only itself', () => {
  test.each([
    'some avg10=1 avg60=2.00 total=3',
    'some avg10=1.5 avg60=2.00 total=3',
    'some avg10=1.234 avg60=2.00 total=3',
    'some avg10=.50 avg60=2.00 total=3',
    'some avg10=-0.50 avg60=2.00 total=3',
    'some avg10=99999999999999.00 avg60=2.00 total=3',
    'some avg60=2.00 avg10= total=3',
    'some avg60=2.00 avg10 total=3',
  ])('%j', (line) => {
    expect(parse(`${line}\nfull total=7\n`)).toEqual({
      value: [7, undefined, 2, undefined, 3, undefined, undefined],
      malformed: [line],
    });
  });

  test.each(['some', 'some total=3.00', 'some total=-1', '', ' ', 'total=3'])('%j', (line) => {
    expect(parse(`${line}\nfull total=7\n`)).toEqual({
      value: [7, undefined, undefined, undefined, undefined, undefined, undefined],
      malformed: [line],
    });
  });
});
