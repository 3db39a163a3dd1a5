import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openKernelFile } from '../../../src/host/kernel-file.ts';
import type { KernelFile } from '../../../src/host/kernel-file.ts';
import { parseSingleValue } from '../../../src/host/single-value.ts';
import { createReading, placeOf } from './reading.ts';

function absentFile(keep: boolean) {
  const { directory, clock, descriptors, problems, options } = createReading({ max: 1 });
  const path = `${directory}/memory.swap.current`;
  return {
    path,
    clock,
    descriptors,
    problems,
    file: openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep }),
  };
}

interface Absent {
  readonly path: string;
  readonly clock: { time: number };
  readonly file: KernelFile;
}

/** Made in between, it is not looked for before its time; at its time it is absent again. */
function expectRests({ path, clock, file }: Absent, rests: readonly number[]): void {
  for (const rest of rests) {
    expect([file.parse(parseSingleValue), file.failure]).toEqual([undefined, 'ENOENT']);
    clock.time += rest - 1;
    writeFileSync(path, '5\n');
    expect(file.parse(parseSingleValue)).toBeUndefined();
    rmSync(path);
    clock.time += 1;
  }
  writeFileSync(path, '5\n');
  expect([file.parse(parseSingleValue), file.failure]).toEqual([5, undefined]);
}

test('a file that was never there is looked for after 1 s, then after twice as long each time, at most every 5 minutes', () => {
  const absent = absentFile(true);
  expectRests(absent, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
  expect(absent.descriptors.open).toBe(1);
  expect(absent.problems.counts).toEqual({ gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 });
});

test('a file that was there once is looked for at most every half a minute', () => {
  const absent = absentFile(false);
  writeFileSync(absent.path, '4\n');
  expect(absent.file.parse(parseSingleValue)).toBe(4);
  rmSync(absent.path);
  expect(absent.file.parse(parseSingleValue)).toBeUndefined();
  expectRests(absent, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(absent.problems.counts).toMatchObject({ gone: 1, denied: 0, malformed: 0 });
});
