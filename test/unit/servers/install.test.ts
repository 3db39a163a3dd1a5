import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { missingTools } from '../../servers/tools.ts';

const program = fileURLToPath(new URL('../../servers/install.ts', import.meta.url));

/** On a machine on which no server was built yet. */
function install(...args: readonly string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'podgauge-new-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const env = { PATH: process.env['PATH'], HOME: cache, XDG_CACHE_HOME: cache };
  return spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
}

test('each tool that is missing is named, with what to install', () => {
  expect(missingTools(['buildah', 'gcc', 'linux.uml', 'go', 'cargo'], () => undefined)).toEqual([
    'buildah is missing: install the package buildah',
    'gcc is missing: install the package gcc and libc6-dev',
    'linux.uml is missing: install the package user-mode-linux, which exists for x86 only',
    'go is missing: install Go 1.26 or newer',
    'cargo is missing: install Rust with cargo, by rustup or from the distribution',
  ]);
  expect(missingTools(['go', 'cargo'], (name) => (name === 'go' ? '/usr/bin/go' : undefined))).toHaveLength(1);
});

test('--check names the servers that are not there, and makes none', () => {
  const { status, stdout, stderr } = install('--check', 'kube-apiserver', 'influxd');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^kube-apiserver +[\d.]+ s {2}missing$/m);
  expect(stdout).toMatch(/^influxd +[\d.]+ s {2}missing$/m);
  expect(status).toBe(1);
});

test('a server that is not known is told of in one line', () => {
  const { status, stderr } = install('--check', 'kube-proxy');
  expect(stderr).toBe('there is no recipe for kube-proxy\n');
  expect(status).toBe(1);
});
