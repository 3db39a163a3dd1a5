import { expect, test } from 'vitest';
import { filesIn, hostOf } from './host-of.ts';

const root = 'sys/fs/cgroup';

/** A cgroup in another one, in a third: the limits of each, from the outermost on. */
async function hostWith(...limits: readonly string[]) {
  const paths = ['/a', '/a/b', '/a/b/c'];
  const files = paths.map((path, index) => filesIn(root + path, { 'memory.max': limits[index] ?? 'max\n' }));
  return hostOf({ [`${root}/cgroup.controllers`]: 'memory\n', ...Object.assign({}, ...files) });
}

test.each([
  [['300\n', '200\n', '100\n'], 100],
  [['100\n', '200\n', '300\n'], 100],
  [['max\n', '200\n', 'max\n'], 200],
  [['max\n', 'max\n', '300\n'], 300],
  [['max\n', 'max\n', 'max\n'], undefined],
  [['0\n', 'max\n', '300\n'], 0],
  [['9007199254740993\n', 'max\n', '9007199254740994\n'], 9007199254740993n],
])('of %j from the outside in the lowest is %s', async (limits, lowest) => {
  const { host } = await hostWith(...limits);
  expect(host.ancestorLimits.lowest('/a/b/c')).toBe(lowest);
});

test('a cgroup without the file has no limit, nor has the root', async () => {
  const { host, tree, warnings } = await hostWith('300\n', '200\n', '100\n');
  await tree.remove(`${root}/a/b/memory.max`, `${root}/a/b/c/memory.max`);
  expect(['/a/b/c', '/a', '/'].map((path) => host.ancestorLimits.lowest(path))).toEqual([300, 300, undefined]);
  expect(warnings).toEqual([]);
});

test('what a parent said is kept for 25 s: many cgroups have the same', async () => {
  const { host, tree, clock } = await hostWith('300\n', '200\n', 'max\n');
  expect(host.ancestorLimits.lowest('/a/b/c')).toBe(200);
  await tree.add(filesIn(`${root}/a/b`, { 'memory.max': '150\n' }));
  await tree.add(filesIn(`${root}/a/b/d`, { 'memory.max': '170\n' }));
  clock.time += 24_999;
  expect(['/a/b/c', '/a/b/d'].map((path) => host.ancestorLimits.lowest(path))).toEqual([200, 170]);
  clock.time += 1;
  expect(['/a/b/c', '/a/b/d'].map((path) => host.ancestorLimits.lowest(path))).toEqual([150, 150]);
});

test('no more than a bound is kept, and what is dropped is read again', async () => {
  const { host, tree } = await hostWith('300\n', '200\n', '100\n');
  expect(host.ancestorLimits.lowest('/a/b/c')).toBe(100);
  await tree.add(filesIn(`${root}/a`, { 'memory.max': '50\n' }));
  for (let index = 0; index < 4000; index += 1) host.ancestorLimits.lowest(`/gone-${index}`);
  expect(host.ancestorLimits.lowest('/a/b/c')).toBe(50);
});
