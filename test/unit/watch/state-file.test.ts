import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStateFile, replaceStateFile } from '../../../src/watch/state-file.ts';

const most = 1000;

async function scene() {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-state-'));
  return {
    folder,
    path: join(folder, 'pods'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const failure = (path: string): Promise<unknown> => readStateFile(path, most).catch((error: unknown) => error);

test('what was written is read, by its owner alone', async () => {
  await using one = await scene();
  await replaceStateFile(one.path, Buffer.from('first'));
  await replaceStateFile(one.path, Buffer.from('second'));
  expect(String(await readStateFile(one.path, most))).toBe('second');
  expect(((await stat(one.path)).mode & 0o777).toString(8)).toBe('600');
  expect(await readdir(one.folder)).toEqual(['pods']);
});

test('no file is none, also where there is no directory', async () => {
  await using one = await scene();
  expect(await readStateFile(one.path, most)).toBeUndefined();
  expect(await readStateFile(join(one.path, 'pods'), most)).toBeUndefined();
});

test('a link, a FIFO, a directory, a device and what is too large are refused at once', async () => {
  await using one = await scene();
  await writeFile(join(one.folder, 'secret'), 'secret');
  await symlink('secret', one.path);
  expect(await failure(one.path)).toMatchObject({ code: 'ELOOP' });
  execFileSync('mkfifo', [join(one.folder, 'fifo')]);
  expect(await failure(join(one.folder, 'fifo'))).toEqual(new Error('it is no plain file'));
  expect(await failure(one.folder)).toEqual(new Error('it is no plain file'));
  expect(await failure('/dev/zero')).toEqual(new Error('it is no plain file'));
  const huge = join(one.folder, 'huge');
  await writeFile(huge, '');
  await truncate(huge, 2 ** 40);
  expect(await failure(huge)).toEqual(new Error('it is larger than 1000 bytes'));
});

test('what a run left that was killed while it wrote is in nobody’s way', async () => {
  await using one = await scene();
  await replaceStateFile(one.path, Buffer.from('whole'));
  await writeFile(`${one.path}.new`, 'hal');
  expect(String(await readStateFile(one.path, most))).toBe('whole');
  await replaceStateFile(one.path, Buffer.from('next'));
  expect(await readdir(one.folder)).toEqual(['pods']);
  expect(String(await readStateFile(one.path, most))).toBe('next');
});

test('a link in the place of either file is replaced, and not followed', async () => {
  await using one = await scene();
  const other = join(one.folder, 'other');
  await writeFile(other, 'untouched');
  await symlink(other, one.path);
  await symlink(other, `${one.path}.new`);
  await replaceStateFile(one.path, Buffer.from('new'));
  expect(await readFile(other, 'utf8')).toBe('untouched');
  expect(String(await readStateFile(one.path, most))).toBe('new');
});

test('where it cannot write it says so, and what was there stays', async () => {
  await using one = await scene();
  await replaceStateFile(one.path, Buffer.from('whole'));
  await mkdir(`${one.path}.new`);
  await expect(replaceStateFile(one.path, Buffer.from('next'))).rejects.toThrow('directory');
  expect(String(await readStateFile(one.path, most))).toBe('whole');
  await expect(replaceStateFile(join(one.folder, 'none', 'pods'), Buffer.from(''))).rejects.toThrow('ENOENT');
});
