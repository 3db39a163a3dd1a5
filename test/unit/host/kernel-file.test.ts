import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCgroupProcs } from '../../../src/host/cgroup-procs.ts';
import { openKernelFile } from '../../../src/host/kernel-file.ts';
import { mostBytes } from '../../../src/host/read-whole.ts';
import { parseSingleValue } from '../../../src/host/single-value.ts';
import { createReading, parseWhole, placeOf } from './reading.ts';

const none = { gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 };

describe('descriptors', () => {
  test('a kept one stays on the file that was opened, and its inode too', () => {
    const { directory, descriptors, options } = createReading({ max: 1 });
    const path = `${directory}/pids.current`;
    writeFileSync(path, '1\n');
    const first = statSync(path).ino;
    const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: true, single: true });
    expect([file.parse(parseSingleValue), file.inode, descriptors.open]).toEqual([1, first, 1]);
    writeFileSync(path, '22\n');
    expect(file.parse(parseSingleValue)).toBe(22);
    writeFileSync(`${path}.new`, '3\n');
    renameSync(`${path}.new`, path);
    expect([file.parse(parseSingleValue), file.inode, descriptors.open]).toEqual([22, first, 1]);
  });

  test('one that is not kept is opened anew, and its inode is known where that is asked for', () => {
    const { directory, descriptors, options } = createReading({ max: 1 });
    const path = `${directory}/pids.current`;
    writeFileSync(path, '1\n');
    const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: false, single: true });
    const asked = openKernelFile(
      { ...options, ...placeOf(path) },
      { ...placeOf(path), keep: false, single: true, inode: true },
    );
    expect([file.parse(parseSingleValue), asked.parse(parseSingleValue)]).toEqual([1, 1]);
    writeFileSync(`${path}.new`, '3\n');
    renameSync(`${path}.new`, path);
    expect([file.parse(parseSingleValue), file.inode]).toEqual([3, undefined]);
    expect([asked.parse(parseSingleValue), asked.inode]).toEqual([3, statSync(path).ino]);
    expect(descriptors.open).toBe(0);
  });

  test('beyond the cap files are read all the same, and are kept once a slot is free', () => {
    const { directory, descriptors, options } = createReading({ max: 1 });
    writeFileSync(`${directory}/a`, '1\n');
    writeFileSync(`${directory}/b`, '2\n');
    const a = openKernelFile({ ...options, directory }, { name: 'a', keep: true });
    const b = openKernelFile({ ...options, directory }, { name: 'b', keep: true });
    expect([a.parse(parseSingleValue), b.parse(parseSingleValue), a.inode !== undefined, b.inode]).toEqual([
      1,
      2,
      true,
      undefined,
    ]);
    a.close();
    a.close();
    expect([descriptors.open, a.parse(parseSingleValue), a.inode]).toEqual([0, undefined, undefined]);
    expect([b.parse(parseSingleValue), descriptors.open]).toEqual([2, 1]);
    rmSync(`${directory}/b`);
    expect(b.parse(parseSingleValue)).toBe(2);
    b.close();
    expect(descriptors.open).toBe(0);
  });
});

describe('reading', () => {
  test.each([true, false])('a file longer than the buffer comes whole: single %s', (single) => {
    const { directory, options } = createReading({ max: 1 });
    const text = Array.from({ length: 60_000 }, (_, index) => `${index}\n`).join('');
    writeFileSync(`${directory}/long`, text);
    const file = openKernelFile({ ...options, directory }, { name: 'long', keep: true, single });
    expect(file.parse(parseWhole) === text).toBe(true);
    writeFileSync(`${directory}/long`, '1\n');
    expect(file.parse(parseWhole)).toBe('1\n');
  });

  test('a file beyond the most is cut there, and the line that was cut is reported', () => {
    const { directory, options, problems } = createReading({ max: 1 });
    writeFileSync(`${directory}/cgroup.procs`, '1234567\n'.repeat(mostBytes / 8 + 1).slice(1));
    const file = openKernelFile({ ...options, directory }, { name: 'cgroup.procs', keep: true });
    expect([file.parse(parseCgroupProcs)?.pids.length, problems.counts.malformed]).toEqual([mostBytes / 8, 1]);
  });

  test('a list of the kernel comes page by page until its end', () => {
    const { options } = createReading({ max: 1 });
    const file = openKernelFile({ ...options, directory: '/proc/self' }, { name: 'smaps', keep: true });
    const text = file.parse(parseWhole) ?? '';
    expect(text.length).toBeGreaterThan(8192);
    expect(text.match(/^VmFlags:/gm)?.length).toBe(text.match(/^Size:/gm)?.length);
  });

  test('a pipe does not stop it', () => {
    const { directory, options } = createReading({ max: 1 });
    execFileSync('mkfifo', [`${directory}/pipe`]);
    const file = openKernelFile({ ...options, directory }, { name: 'pipe', keep: false });
    expect([file.parse(parseWhole), file.failure]).toEqual([undefined, 'ESPIPE']);
  });
});

describe('problems', () => {
  test('a file that went away is counted as gone, once, and is looked for at once, and only then after 1 s', () => {
    const { directory, clock, messages, problems, options } = createReading({ max: 0 });
    const path = `${directory}/pids.current`;
    const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: true });
    const read = (content?: string): unknown => {
      if (content === undefined) rmSync(path);
      else writeFileSync(path, content);
      return file.parse(parseSingleValue);
    };
    expect([read('5\n'), read(), read('6\n')]).toEqual([5, undefined, 6]);
    expect([read(), file.parse(parseSingleValue), read('7\n')]).toEqual([undefined, undefined, undefined]);
    clock.time += 1000;
    expect([read('7\n'), problems.counts, messages]).toEqual([7, { ...none, gone: 2 }, []]);
  });

  test('a file that may not be read is counted at each try, logged once, and tried again after half a minute', () => {
    const { directory, clock, messages, problems, options } = createReading({ max: 1 });
    const path = `${directory}/secret/pids.current`;
    mkdirSync(`${directory}/secret`);
    writeFileSync(path, '5\n');
    const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: true });
    const values = withoutRights(`${directory}/secret`, () =>
      [0, 10_000, 20_000].map((pause) => {
        clock.time += pause;
        return file.parse(parseSingleValue);
      }),
    );
    expect([values, file.failure, problems.counts]).toEqual([
      [undefined, undefined, undefined],
      'EACCES',
      { ...none, denied: 2 },
    ]);
    expect(messages).toEqual([
      '{"kind":"denied","owner":"pod-1","cause":"pids.current EACCES"} <dir>/secret/pids.current: cannot be read: EACCES',
    ]);
    clock.time += 30_000;
    expect(file.parse(parseSingleValue)).toBe(5);
  });

  test('any other error is one of the file, with its code: a link, a directory, an error of the read', () => {
    const { directory, descriptors, problems, options } = createReading({ max: 1 });
    writeFileSync(`${directory}/target`, '5\n');
    symlinkSync(`${directory}/target`, `${directory}/link`);
    const failures = [`${directory}/link`, directory, '/proc/self/mem'].map((path) => {
      const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: true });
      return [file.parse(parseSingleValue), file.failure];
    });
    expect(failures).toEqual([
      [undefined, 'ELOOP'],
      [undefined, 'EISDIR'],
      [undefined, 'EIO'],
    ]);
    expect([problems.counts, descriptors.open]).toEqual([{ ...none, denied: 3 }, 0]);
  });

  test('a malformed line is quoted with its path, cut, on one line', () => {
    const { directory, messages, problems, options } = createReading({ max: 1 });
    const path = `${directory}/cgroup.procs`;
    writeFileSync(path, `a"b\x01\n7\n${'x'.repeat(5000)}\n`);
    const file = openKernelFile({ ...options, ...placeOf(path) }, { ...placeOf(path), keep: true });
    expect(file.parse(parseCgroupProcs)).toEqual({ pids: [7], foreign: 0 });
    expect(problems.counts).toEqual({ ...none, malformed: 2 });
    expect(messages).toEqual([
      String.raw`{"kind":"malformed","owner":"pod-1","cause":"cgroup.procs malformed"} <dir>/cgroup.procs: cannot understand "a\"b\u0001"`,
    ]);
    problems.forget('pod-1');
    writeFileSync(path, `${'x'.repeat(5000)}\n`);
    file.parse(parseCgroupProcs);
    expect(messages[1]?.endsWith(`cannot understand "${'x'.repeat(120)}"`)).toBe(true);
  });
});

describe('two reads in a row of more than 50 ms', () => {
  /** Reads once for each time that a read shall take, by a clock that goes on meanwhile. */
  function readSlowly(...times: readonly number[]) {
    const reading = createReading({ max: 1 });
    const path = `${reading.directory}/memory.stat`;
    writeFileSync(path, '5\n');
    let passing = 0;
    const file = openKernelFile(
      { ...reading.options, ...placeOf(path), now: () => (reading.clock.time += passing) },
      { ...placeOf(path), keep: true },
    );
    const values = times.map((took) => {
      passing = took;
      return file.parse(parseSingleValue);
    });
    passing = 0;
    return { ...reading, file, values };
  }

  test('count, and the file then rests for 20 times as long', () => {
    const { file, values, clock, problems, messages } = readSlowly(300, 51);
    expect(values).toEqual([5, 5]);
    clock.time += 51 * 20 - 1;
    expect([file.parse(parseSingleValue), problems.counts]).toEqual([undefined, { ...none, slow: 1 }]);
    expect(messages).toEqual([
      '{"kind":"slow","owner":"pod-1","cause":"memory.stat slow"} <dir>/memory.stat: is read less often: a read took 51 ms',
    ]);
    clock.time += 1;
    expect([file.parse(parseSingleValue), file.parse(parseSingleValue), problems.counts.slow]).toEqual([5, 5, 1]);
  });

  test('do not keep it from being read where there may not be another time', () => {
    const { file } = readSlowly(300, 51);
    expect(file.parse(parseSingleValue)).toBeUndefined();
    file.wake();
    expect(file.parse(parseSingleValue)).toBe(5);
  });

  test('never make it rest for more than five minutes', () => {
    const { file, clock } = readSlowly(3_600_000, 3_600_000);
    clock.time += 299_999;
    expect(file.parse(parseSingleValue)).toBeUndefined();
    clock.time += 1;
    expect(file.parse(parseSingleValue)).toBe(5);
  });

  test.each([
    ['one', [14_000]],
    ['two with a quick one between them', [60, 50, 60]],
    ['two of 50 ms', [50, 50]],
  ])('%s: the file is read on', (_, times) => {
    const { file } = readSlowly(...times);
    expect(file.parse(parseSingleValue)).toBe(5);
  });
});

/** As a user who may not enter the directory; root may enter any. */
function withoutRights<T>(directory: string, run: () => T): T {
  execFileSync('chmod', ['0', directory]);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return run();
  } finally {
    if (root) process.seteuid?.(0);
    execFileSync('chmod', ['700', directory]);
  }
}
