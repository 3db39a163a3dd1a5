import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const program = fileURLToPath(new URL('../../servers/install.ts', import.meta.url));

/** On a machine on which nothing was built and nothing is installed but what is in the system's own folders. */
function installOnBareMachine(...args: readonly string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'podgauge-bare-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const env = { PATH: '', HOME: cache, XDG_CACHE_HOME: cache };
  return spawnSync(process.execPath, [program, ...args], { env, cwd: cache, encoding: 'utf8' });
}

test('--check names each part that is missing, what it needs, and what to install for it', () => {
  const { status, stdout, stderr } = installOnBareMachine('--check', 'kube-apiserver', 'influxd');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^packages +[\d.]+ s {2}missing\n(?: {2}.*\n)* {2}buildah is missing: install the package buildah\n/m);
  expect(stdout).toMatch(/^kube-apiserver +[\d.]+ s {2}missing\n(?: {2}.*\n)* {2}go is missing: install Go 1\.26 or newer\n/m);
  expect(stdout).toMatch(
    /^influxd +[\d.]+ s {2}missing\n(?: {2}.*\n)* {2}cargo is missing: install Rust with cargo, by rustup or/m,
  );
  expect(status).toBe(1);
});

test('a server that is not known is told of in one line', () => {
  const { status, stderr } = installOnBareMachine('--check', 'kube-proxy');
  expect(stderr).toBe('there is no recipe for kube-proxy\n');
  expect(status).toBe(1);
});
