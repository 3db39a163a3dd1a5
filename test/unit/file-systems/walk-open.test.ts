import { closeSync, fstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOnHost } from '../../../src/file-systems/walk-open.ts';
import { hostTree } from '../../support/host-tree.ts';

function inodeOf(root: string, path: string): number {
  const descriptor = openOnHost(root, path);
  const { ino } = fstatSync(descriptor);
  closeSync(descriptor);
  return ino;
}

test.each([
  ['a plain path', '/data/layers'],
  ['an absolute link on the way, as an admin makes it', '/var/lib/storage/layers'],
  ['a relative link on the way', '/var/lib/relative/layers'],
  ['a link to a link', '/var/lib/twice/layers'],
  ['a link that goes up further than there is', '/var/lib/high/layers'],
])('%s means what it means on the host', async (_, path) => {
  await using host = await hostTree({
    'data/layers/': '',
    'var/lib/storage': { link: '/data' },
    'var/lib/relative': { link: '../../data' },
    'var/lib/twice': { link: '/var/lib/storage' },
    'var/lib/high': { link: '../../../../../../../../data' },
  });
  expect(inodeOf(host.path, path)).toBe(statSync(join(host.path, 'data/layers')).ino);
});

test.each([
  ['/nowhere', 'ENOENT'],
  ['/file', 'ENOTDIR'],
  ['/file/below', 'ENOTDIR'],
  ['/circle', 'ELOOP'],
  ['/to-file', 'ENOTDIR'],
])('%s fails with %s', async (path, code) => {
  await using host = await hostTree({ file: '', circle: { link: 'circle' }, 'to-file': { link: '/file' } });
  expect(() => openOnHost(host.path, path)).toThrow(expect.objectContaining({ code }));
});
