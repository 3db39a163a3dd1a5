import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createWalkThread } from '../../../src/file-systems/walk-thread.ts';
import { hostTree } from '../../support/host-tree.ts';
import { wide } from './walk-scene.ts';

function forever(_: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function threadOn(hostRoot: string, { wait = forever, entriesPerSecond = 1_000_000 } = {}) {
  const thread = createWalkThread({ hostRoot, procRoot: join(hostRoot, 'proc'), bounds: wide, entriesPerSecond, wait });
  onTestFinished(thread.close);
  return thread;
}

test('it walks on the host, lists, and says how large the file system is', async () => {
  await using host = await hostTree({ 'data/one/file': '', 'data/two/': '', 'data/link': { link: '/' }, 'data/file': '' });
  const thread = threadOn(host.path);
  const size = {
    capacityBytes: expect.any(Number),
    availableBytes: expect.any(Number),
    freeBytes: expect.any(Number),
    inodes: expect.any(Number),
    inodesFree: expect.any(Number),
    inMemory: expect.any(Boolean),
  };
  const tree = { bytes: expect.any(Number), inodes: 6, symbolicLinks: 1 };
  expect(await thread.ask({ want: 'tree', of: '/data' })).toEqual({ size, tree });
  const listed = await thread.ask({ want: 'names', of: '/data' });
  expect({ ...listed, names: 'names' in listed && listed.names?.toSorted() }).toEqual({ size, names: ['one', 'two'] });
  expect(await thread.ask({ want: 'size', of: '/data' })).toEqual({ size });
  expect(await thread.ask({ want: 'tree', of: '/nowhere' })).toEqual({ failure: 'ENOENT' });
});

test('of a process it walks the writable layer of its root', async () => {
  const mount = '68 65 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/layers/7/fs,workdir=/layers/7/work\n';
  await using host = await hostTree({
    'layers/7/fs/etc/hostname': 'x',
    'proc/7/mountinfo': mount,
    'proc/8/mountinfo': '68 65 8:1 / / rw - ext4 /dev/sda1 rw\n',
    'proc/9/mountinfo': mount.slice(0, 90),
  });
  const thread = threadOn(host.path);
  expect(await thread.ask({ want: 'tree', of: 7 })).toMatchObject({ tree: { inodes: 3 } });
  expect(await thread.ask({ want: 'tree', of: 8 })).toEqual({ failure: 'none' });
  expect(await thread.ask({ want: 'tree', of: 9 })).toEqual({ failure: 'none' });
  expect(await thread.ask({ want: 'tree', of: 10 })).toEqual({ failure: 'ENOENT' });
});

test('the main thread goes on while it walks, and ends it in the middle', async () => {
  await using host = await hostTree({ 'data/': '' });
  await host.add(Object.fromEntries(Array.from({ length: 300 }, (_, file) => [`data/f${file}`, ''])));
  const thread = threadOn(host.path, { entriesPerSecond: 1 });
  expect(await thread.ask({ want: 'size', of: '/data' })).toHaveProperty('size');
  const walked = thread.ask({ want: 'tree', of: '/data' });
  await sleep(50);
  thread.close();
  expect(await walked).toEqual({ failure: 'ended' });
  expect(await thread.ask({ want: 'size', of: '/data' })).toEqual({ failure: 'ended' });
});

test('one that does not answer is given up, and asked again only when it has ended', async () => {
  await using host = await hostTree({ 'data/': '' });
  await host.add(Object.fromEntries(Array.from({ length: 300 }, (_, file) => [`data/f${file}`, ''])));
  let patience = forever;
  const thread = threadOn(host.path, { entriesPerSecond: 1, wait: (milliseconds, signal) => patience(milliseconds, signal) });
  expect(await thread.ask({ want: 'size', of: '/data' })).toHaveProperty('size');
  patience = () => Promise.resolve();
  expect(await thread.ask({ want: 'tree', of: '/data' })).toEqual({ failure: 'hung' });
  expect(await thread.ask({ want: 'size', of: '/data' })).toEqual({ failure: 'hung' });
  patience = forever;
  await vi.waitFor(async () => expect(await thread.ask({ want: 'size', of: '/data' })).toHaveProperty('size'), 30_000);
});
