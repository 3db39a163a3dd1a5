import { join } from 'node:path';
import { expect, test } from 'vitest';
import { subdirectories, subdirectoriesOrNone } from '../../../src/locate/subdirectories.ts';
import type { Problem, Problems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';

function recorder(): { readonly problems: Problems; readonly reported: Problem[] } {
  const reported: Problem[] = [];
  const counts = { gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 };
  const nothing = (): void => undefined;
  const report = (problem: Problem): void => void reported.push(problem);
  return { problems: { report, forget: nothing, rename: nothing, counts, marks: 0 }, reported };
}

test('directories only: no file, and no link even to a directory', async () => {
  await using host = await hostTree({ 'proc/1/': '', 'proc/2/cgroup': '', 'proc/uptime': '', 'proc/self': { link: '1' } });
  const { problems, reported } = recorder();
  expect(subdirectoriesOrNone(host.procRoot, problems).toSorted()).toEqual(['1', '2']);
  expect(reported).toEqual([]);
});

test('none where the directory is gone, which is normal, or is a file', async () => {
  await using host = await hostTree({ 'proc/uptime': '' });
  const { problems, reported } = recorder();
  expect(subdirectories(join(host.procRoot, '7'), problems)).toBe('gone');
  expect(subdirectories(join(host.procRoot, 'uptime'), problems)).toBe('gone');
  expect(subdirectoriesOrNone(join(host.procRoot, '7'), problems)).toEqual([]);
  expect(reported).toEqual([]);
});

test('one that cannot be listed is reported', () => {
  const { problems, reported } = recorder();
  const path = `/${'x'.repeat(300)}`;
  expect(subdirectories(path, problems)).toEqual([]);
  expect(reported).toEqual([
    { kind: 'denied', owner: '', cause: 'directory ENAMETOOLONG', message: `${path}: cannot be listed: ENAMETOOLONG` },
  ]);
});
