import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseNetDev } from '../../../src/host/net-dev.ts';
import { parseProcCgroup } from '../../../src/host/proc-cgroup.ts';
import { parseProcStat } from '../../../src/host/proc-stat.ts';
import { openProcess } from '../../../src/host/process.ts';
import { openFiles } from '../../support/open-files.ts';
import { createReading, parseWhole, type Reading } from './reading.ts';
import { netDev, procStat } from './texts.ts';

/** A process of a captured host. */
function addProcess({ directory }: Reading, pid: number, { startTime, cgroup }: { startTime: number; cgroup: string }): void {
  mkdirSync(`${directory}/${pid}/net`, { recursive: true });
  writeFileSync(`${directory}/${pid}/net/dev`, netDev);
  writeFileSync(`${directory}/${pid}/cgroup`, cgroup);
  writeFileSync(`${directory}/${pid}/stat`, procStat.replace('184467', String(startTime)));
}

test('this process', () => {
  const { options, descriptors, problems } = createReading({ max: 1 });
  const self = openProcess({ ...options, procRoot: '/proc', pid: process.pid });
  expect(self.read('net/dev', parseNetDev)?.map(({ name }) => name)).toContain('lo');
  expect(self.read('stat', parseProcStat)?.state).toBe('R');
  expect(self.read('cgroup', parseProcCgroup)?.[0]?.path).toMatch(/^\//);
  expect([self.alive, descriptors.open]).toEqual([true, 1]);
  self.close();
  self.close();
  expect([self.alive, self.read('stat', parseProcStat), descriptors.open]).toEqual([false, undefined, 0]);
  expect(problems.counts).toEqual({ gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 });
});

test('no file of net/ stays open: it would keep the network namespace alive', () => {
  const { options } = createReading({ max: 10 });
  const self = openProcess({ ...options, procRoot: '/proc', pid: process.pid });
  self.read('net/dev', parseNetDev);
  const open = openFiles(process.pid);
  expect(open).toContain(`/proc/${process.pid}`);
  expect(open.filter((path) => path.includes('/net'))).toEqual([]);
  self.close();
});

test('no such process', () => {
  const { options, directory, descriptors, problems } = createReading({ max: 1 });
  const missing = openProcess({ ...options, procRoot: directory, pid: 7 });
  expect([missing.alive, missing.read('net/dev', parseNetDev), descriptors.open, problems.counts.gone]).toEqual([
    false,
    undefined,
    0,
    1,
  ]);
});

test('a file that is absent does not mean that the process has ended', () => {
  const reading = createReading({ max: 1 });
  addProcess(reading, 7, { startTime: 1, cgroup: '0::/a\n' });
  const found = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
  expect([found.read('net/ipv6_route', parseWhole), found.alive]).toEqual([undefined, true]);
  rmSync(`${reading.directory}/7/stat`);
  expect([found.read('net/route', parseWhole), found.alive]).toEqual([undefined, true]);
  expect(found.read('net/dev', parseWhole)).toBe(netDev);
  found.close();
});

test('a zombie has ended: it is in no network namespace', () => {
  const reading = createReading({ max: 1 });
  addProcess(reading, 7, { startTime: 1, cgroup: '0::/a\n' });
  const found = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
  writeFileSync(`${reading.directory}/7/stat`, procStat.replace(') S ', ') Z '));
  rmSync(`${reading.directory}/7/net`, { recursive: true });
  expect([found.read('net/dev', parseWhole), found.alive, reading.descriptors.open]).toEqual([undefined, false, 0]);
});

test('problems name the path of the process, not that of the descriptor', () => {
  const reading = createReading({ max: 1 });
  addProcess(reading, 7, { startTime: 1, cgroup: 'nonsense\n' });
  const found = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
  expect(found.read('cgroup', parseProcCgroup)).toEqual([]);
  expect(reading.messages).toEqual([
    '{"kind":"malformed","owner":"pod-1","cause":"cgroup malformed"} <dir>/7/cgroup: cannot understand "nonsense"',
  ]);
  found.close();
});

describe('another process under the same pid', () => {
  function reuse(max: number) {
    const reading = createReading({ max });
    addProcess(reading, 7, { startTime: 1, cgroup: '0::/first\n' });
    const found = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
    const before = found.read('cgroup', parseWhole);
    renameSync(`${reading.directory}/7`, `${reading.directory}/old`);
    addProcess(reading, 7, { startTime: 2, cgroup: '0::/second\n' });
    return { ...reading, found, before };
  }

  test('is never read through a kept directory', () => {
    const { found, before, descriptors } = reuse(1);
    expect([before, found.read('cgroup', parseWhole), descriptors.open]).toEqual(['0::/first\n', '0::/first\n', 1]);
    found.close();
  });

  test('is known by its start time where there was no slot for a directory', () => {
    const { found, before, descriptors, problems } = reuse(0);
    expect([before, found.read('cgroup', parseWhole)]).toEqual(['0::/first\n', undefined]);
    expect([found.alive, descriptors.open, problems.counts.gone]).toEqual([false, 0, 1]);
  });
});

describe('what is read together without a slot', () => {
  function twoOfOnePid() {
    const reading = createReading({ max: 0 });
    addProcess(reading, 7, { startTime: 1, cgroup: '0::/first\n' });
    const found = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
    const replace = (): void => {
      renameSync(`${reading.directory}/7`, `${reading.directory}/old`);
      addProcess(reading, 7, { startTime: 2, cgroup: '0::/second\n' });
    };
    const openNow = (): number => openFiles(process.pid).filter((path) => path.startsWith(reading.directory)).length;
    return { ...reading, found, replace, openNow };
  }

  test('is of one process, through one directory that is closed after it', () => {
    const { found, replace, openNow } = twoOfOnePid();
    const read = found.together(() => {
      const before = found.read('cgroup', parseWhole);
      replace();
      return [before, found.read('cgroup', parseWhole), openNow()];
    });
    expect([read, openNow()]).toEqual([['0::/first\n', '0::/first\n', 1], 0]);
    expect([found.read('cgroup', parseWhole), found.alive]).toEqual([undefined, false]);
  });

  test('leaves no directory open where it is closed on the way, or throws', () => {
    const { found, openNow } = twoOfOnePid();
    const thrown = (): void => {
      found.read('cgroup', parseWhole);
      throw new Error('of the task');
    };
    expect(() => found.together(thrown)).toThrow('of the task');
    expect(openNow()).toBe(0);
    found.together(() => {
      found.read('cgroup', parseWhole);
      found.close();
    });
    expect([openNow(), found.alive]).toEqual([0, false]);
  });
});

test('a directory is kept once a slot is free', () => {
  const reading = createReading({ max: 1 });
  addProcess(reading, 7, { startTime: 1, cgroup: '0::/a\n' });
  addProcess(reading, 8, { startTime: 1, cgroup: '0::/b\n' });
  const first = openProcess({ ...reading.options, procRoot: reading.directory, pid: 7 });
  const second = openProcess({ ...reading.options, procRoot: reading.directory, pid: 8 });
  expect([second.read('cgroup', parseWhole), reading.descriptors.open]).toEqual(['0::/b\n', 1]);
  first.close();
  expect(reading.descriptors.open).toBe(0);
  expect([second.read('cgroup', parseWhole), reading.descriptors.open]).toEqual(['0::/b\n', 1]);
  second.close();
  expect(reading.descriptors.open).toBe(0);
});
