import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileTarget } from '../../../src/write/file.ts';

const never = new AbortController().signal;
const taken = { kind: 'taken', rejected: 0 };
let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-'));
  path = join(folder, 'points.lp');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('appends lines as they are, and wants no gzip', async () => {
  const target = createFileTarget(path);
  expect(target.gzip).toBe(false);
  expect(await target.send(Buffer.from('one\n'), 1, never)).toEqual(taken);
  expect(await createFileTarget(path).send(Buffer.from('two\n'), 1, never)).toEqual(taken);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
});

test('begins a new file when the old one was rotated away or removed', async () => {
  const target = createFileTarget(path);
  await target.send(Buffer.from('one\n'), 1, never);
  renameSync(path, `${path}.1`);
  await target.send(Buffer.from('two\n'), 1, never);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('one\n');
  expect(readFileSync(path, 'utf8')).toBe('two\n');
  rmSync(path);
  await target.send(Buffer.from('three\n'), 1, never);
  expect(readFileSync(path, 'utf8')).toBe('three\n');
});

test('keeps the batch while it cannot be written', async () => {
  const missing = createFileTarget(join(folder, 'none', 'points.lp'));
  expect(await missing.send(Buffer.from('one\n'), 1, never)).toMatchObject({
    kind: 'wait',
    reason: expect.stringContaining(`ENOENT: no such file or directory, open '${join(folder, 'none')}`),
  });
  expect(await createFileTarget(folder).send(Buffer.from('one\n'), 1, never)).toMatchObject({ kind: 'wait' });
  expect(existsSync(path)).toBe(false);
});

test('keeps the batch while the disk is full', async () => {
  expect(await createFileTarget('/dev/full').send(Buffer.from('one\n'), 1, never)).toEqual({
    kind: 'wait',
    reason: 'ENOSPC: no space left on device, write',
  });
});
