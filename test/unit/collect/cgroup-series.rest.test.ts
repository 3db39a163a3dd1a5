import { expect, test } from 'vitest';
import { openCgroupSeries } from '../../../src/collect/cgroup-series.ts';
import { filesIn, hostOf, named } from './host-of.ts';

const path = '/kubepods/pod1/c1';

/** A cgroup of which one file is read every cycle, and is at rest for having been slow. */
async function restingCgroup() {
  const files = { 'pids.current': '61\n', 'cgroup.events': 'populated 1\nfrozen 0\n' };
  const { host, clock } = await hostOf(
    { 'sys/fs/cgroup/cgroup.controllers': 'pids\n', ...filesIn(`sys/fs/cgroup${path}`, files) },
    { collectors: ['pids'] },
  );
  const series = openCgroupSeries(host, { measurement: 'k8s_container', tags: {}, path, owner: 'u1' });
  clock.step = 60;
  for (let slow = 0; slow < 2; slow += 1) series.read(Infinity);
  clock.step = 0;
  expect(named(series.read(Infinity)).fields).toEqual({});
  return series;
}

test('a file that the kernel told of is read in spite of its rest', async () => {
  const reading = (await restingCgroup()).readFile('pids.current');
  expect(reading && named(reading).fields).toEqual({ pids: 61 });
});

test('a last reading has what rests', async () => {
  const series = await restingCgroup();
  expect(named(series.readLast()).fields).toEqual({ pids: 61, populated: true, frozen: false });
});
