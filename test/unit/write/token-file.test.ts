import { mkdtempSync, rmSync, symlinkSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTokenFile } from '../../../src/write/token-file.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  path = join(folder, 'token');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('reads the token without the white space around it', async () => {
  writeFileSync(path, '  one\n');
  expect(await createTokenFile(path)(false)).toBe('one');
});

test('reads it again when the file changed, as when a Secret is swapped under it', async () => {
  writeFileSync(join(folder, 'old'), 'one');
  writeFileSync(join(folder, 'new'), 'two');
  symlinkSync('old', path);
  const token = createTokenFile(path);
  expect(await token(false)).toBe('one');
  symlinkSync('new', join(folder, 'next'));
  renameSync(join(folder, 'next'), path);
  expect(await token(false)).toBe('two');
});

test('reads it again after it was refused, whatever its time says', async () => {
  const token = createTokenFile(path);
  for (const [text, fresh, expected] of [
    ['one', false, 'one'],
    ['two', false, 'one'],
    ['two', true, 'two'],
  ] as const) {
    writeFileSync(path, text);
    utimesSync(path, 1, 1);
    expect(await token(fresh)).toBe(expected);
  }
});

test('a missing, an empty and an outsized file are errors that name the path, each time until it is right', async () => {
  const token = createTokenFile(path);
  await expect(token(false)).rejects.toThrow(path);
  writeFileSync(path, '\n');
  await expect(token(false)).rejects.toThrow(`Token file '${path}' is empty`);
  await expect(token(false)).rejects.toThrow(`Token file '${path}' is empty`);
  writeFileSync(path, 'x'.repeat(65 * 1024));
  await expect(token(false)).rejects.toThrow(`'${path}' is no token file: not a file of at most 64 KiB`);
  await expect(createTokenFile(folder)(false)).rejects.toThrow('is no token file');
  writeFileSync(path, 'right');
  expect(await token(false)).toBe('right');
});
