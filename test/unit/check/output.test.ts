import { expect, test } from 'vitest';
import { configurationFindings, configurationKinds } from '../../../src/check/configuration.ts';
import { checkOutput, outputKinds } from '../../../src/check/output.ts';
import { hostTree } from '../../support/host-tree.ts';
import { load } from '../config/load.ts';
import { createSeen } from './seen.ts';

const seen = createSeen({ ...outputKinds, ...configurationKinds });

test('points that are printed, or go to a file that can be written or not', async () => {
  await using folder = await hostTree({ 'points/': '', there: 'a\n' });
  const told = (path: string) =>
    seen.told([checkOutput({ kind: 'file', path: `${folder.path}/${path}` })])[0]?.replace(folder.path, '');
  expect(seen.told([checkOutput({ kind: 'stdout' })])).toEqual(['stdout: standard output']);
  expect(told('points/new')).toBe('file: /points/new');
  expect(told('there')).toBe('file: /there');
  expect(told('nowhere/new')).toBe('unwritable: /nowhere/new: ENOENT');
});

test('where pods are learned from, and each warning of the configuration', async () => {
  const alone = await load({ argv: ['check', '--source', 'cgroup', '--pod-labels', 'app'] });
  expect(seen.told(configurationFindings(alone))).toEqual([
    'alone: node worker-1, pods from the cgroups',
    'doubtful: Nothing comes of flag --pod-labels: source cgroup knows neither labels nor annotations',
  ]);
  const cluster = await load({ argv: ['check', '--kubeconfig', '/x'] });
  expect(seen.told(configurationFindings(cluster))).toEqual(['cluster: node worker-1, pods from the API server']);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
