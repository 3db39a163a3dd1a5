import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walkTree } from '../../../src/file-systems/walk.ts';
import type { WalkBounds, WalkedTree, WalkFailure } from '../../../src/file-systems/walk.ts';

/** Bounds that nothing in these tests meets by chance. */
export const wide: WalkBounds = {
  entries: 1_000_000,
  depth: 5_000,
  milliseconds: 600_000,
  hardLinks: 1_000_000,
  waitingBytes: 100_000_000,
};

export interface Scene extends Disposable {
  readonly path: string;
}

/** A directory of the test's own. `rm` also removes what is nested too deep for a path. */
export function scene(): Scene {
  const path = mkdtempSync(join(tmpdir(), 'podgauge-walk-'));
  return { path, [Symbol.dispose]: () => void execFileSync('rm', ['-rf', path]) };
}

export function walkOf(
  path: string,
  bounds: Partial<WalkBounds> = {},
  clock: { readonly now?: () => number; readonly pace?: (entries: number) => void } = {},
): WalkedTree | WalkFailure {
  const root = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  return walkTree(root, { ...wide, ...bounds }, { now: () => 0, pace: () => {}, ...clock });
}

/** What GNU du says of the same tree. */
export function duOf(path: string): Pick<WalkedTree, 'bytes' | 'inodes'> {
  const ask = (unit: string): number =>
    Number.parseInt(execFileSync('du', ['--summarize', '--one-file-system', unit, path], { encoding: 'utf8' }), 10);
  return { bytes: ask('--block-size=1'), inodes: ask('--inodes') };
}
