/** The image, as buildah builds it from the Dockerfile by the commands of docs/install.md, on bases made here. */
import { existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { otherArchitecture } from '../support/stand-in-bases.ts';
import { ownArchitecture } from '../servers/cluster/image.ts';
import { findCommand } from '../servers/command.ts';
import { startAgent } from '../support/agent-process.ts';
import { buildCommand, checkOut, imageName } from '../support/built-image.ts';
import { bundle } from '../support/bundle.ts';
import { createImageBuilder } from '../support/image-builder.ts';
import type { BuiltImage, ImageBuilder } from '../support/image-builder.ts';
import { until } from '../support/until.ts';
import { parseLine } from '../unit/write/parse-line.ts';

const project = join(import.meta.dirname, '../..');

const parts = new AsyncDisposableStack();
let builder: ImageBuilder;
let checkout: string;
let command: string;
let image: BuiltImage;
let base: BuiltImage;

beforeAll(async () => {
  builder = parts.use(await createImageBuilder());
  checkout = await checkOut(builder);
  command = await buildCommand();
  await builder.sh(command, checkout);
  image = await builder.open(imageName, ownArchitecture);
  base = await builder.open('test.local/bases:1', ownArchitecture);
}, 600_000);

afterAll(() => parts.disposeAsync());

test('it adds one file to its base, the bundle as npm run build makes it', async () => {
  const added = new Set(await filesBelow(image.root)).difference(new Set(await filesBelow(base.root)));
  expect([...added]).toEqual(['podgauge.mjs']);
  const file = join(image.root, 'podgauge.mjs');
  expect((await readFile(file)).equals(await readFile(await bundle()))).toBe(true);
  const { mode, uid, gid, size, mtimeMs } = await stat(file);
  expect({ mode: mode & 0o7777, uid, gid }).toEqual({ mode: 0o555, uid: 0, gid: 0 });
  expect(size).toBeLessThan(1024 * 1024);
  const committed = await builder.sh('git log -1 --format=%ct', checkout);
  expect(mtimeMs / 1000).toBe(Number(committed));
  expect(image.layers.slice(0, -1)).toEqual(base.layers);
  console.log(`the image adds ${(size / 1024).toFixed(0)} KiB to its base`);
});

test('no shell and no package manager is in it', async () => {
  expect(await forbiddenIn(image)).toEqual([]);
  // In the base of the stage before, in which packages are installed, they are found.
  expect(await forbiddenIn(await builder.open('test.local/build:1', ownArchitecture))).toEqual(['bin/npm', 'bin/sh']);
});

test('it runs as its own user, and starts Node as the shebang of the bundle does', async () => {
  const [shebang = ''] = (await readFile(await bundle(), 'utf8')).split('\n', 1);
  const words = shebang.replace('#!/usr/bin/env -S ', '').split(' ');
  const node = words.indexOf('node');
  const { User, Entrypoint, Env } = image.config;
  expect(User).toBe('19610:19610');
  expect(Entrypoint).toEqual(['/nodejs/bin/node', ...words.slice(node + 1), '/podgauge.mjs']);
  expect(Env).toEqual([...base.config.Env, ...words.slice(0, node)]);
  expect(image.config).not.toHaveProperty('Cmd');
});

test('its labels name the version and the revision', async () => {
  const { version, description, license } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const label = (key: string): string => `org.opencontainers.image.${key}`;
  expect(image.config.Labels).toEqual({
    [label('title')]: 'podgauge',
    [label('description')]: description,
    [label('licenses')]: license,
    [label('version')]: version,
    [label('revision')]: (await builder.sh('git rev-parse HEAD', checkout)).trim(),
  });
});

test('another architecture has the same layer, without anything run on it', async () => {
  const other = await builder.open(imageName, otherArchitecture);
  expect(other.layers.at(-1)).toBe(image.layers.at(-1));
  expect(other.config).toEqual(image.config);
});

test('another checkout of the same commit makes the same image', async () => {
  const clone = join(builder.folder, 'clone');
  await builder.sh(`git clone --quiet ${checkout} ${clone}`, builder.folder);
  const again = 'registry.example/again:1';
  const platform = `--platform linux/${ownArchitecture}`;
  await builder.sh(command.replace(imageName, again).replace(/--platform \S+/, platform), clone);
  expect((await builder.open(again, ownArchitecture)).digest).toBe(image.digest);
});

test('the agent runs from its root, which is read-only, as its user and without a capability, and writes its first points', async () => {
  const args = ['--source', 'cgroup', '--output', 'stdout', '--period', '1s'];
  const startedAt = performance.now();
  await using agent = await startAgent({ program: entryPoint(), args });
  await until('its first heartbeat', () => agent.output.some((line) => line.startsWith('podgauge,')));
  console.log(`first cycle written ${((performance.now() - startedAt) / 1000).toFixed(1)} s after the start`);
  // A slow first cycle may leave them out.
  await until('points of slices', () => agent.output.some((line) => parseLine(line).measurement === 'k8s_system'));
  const status = await readFile(`/proc/${agent.pid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\t19610\t19610\t19610\t19610$/m);
  expect(status).toMatch(/^Gid:\t19610\t19610\t19610\t19610$/m);
  expect(status).toMatch(/^CapEff:\t0{16}$/m);
  expect(await agent.stop()).toBe(0);
});

test('its other commands run', async () => {
  const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  await using asked = await startAgent({ program: entryPoint(), args: ['--version'] });
  expect(await asked.ended()).toBe(0);
  expect(asked.output).toEqual([`podgauge ${version}`]);
  await using check = await startAgent({ program: entryPoint(), args: ['check', '--source', 'cgroup', '--output', 'stdout'] });
  // What it finds on this host is other tests' matter.
  expect(await check.ended()).toBe(check.output.some((line) => line.startsWith('FAIL')) ? 1 : 0);
  expect(check.output).toContainEqual(expect.stringMatching(/^ok +cgroups:/));
});

/** Its entry point, in its root file system, which is read-only, with the host's /proc and /sys, as its user and with its environment alone. */
function entryPoint(): readonly string[] {
  const script = `
    mount --bind "$0" "$0"
    cd "$0"
    mount --rbind /proc proc
    mount --rbind /sys sys
    mount -o remount,bind,ro .
    exec "$@"`;
  const { Env, User, Entrypoint } = image.config;
  const become = [
    'setpriv',
    '--no-new-privs',
    'env',
    '-i',
    ...Env,
    findCommand('chroot') ?? '',
    `--userspec=${User}`,
    '--groups=',
  ];
  return ['unshare', '--mount', 'sh', '-ec', script, image.root, ...become, '.', ...Entrypoint];
}

const commandFolders = ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'nodejs/bin'];
const forbidden = /^(?:sh|bash|dash|busybox|apt.*|dpkg.*|apk|npm|npx|yarn|corepack)$/;

/** Paths of shells and package managers. */
async function forbiddenIn({ root }: BuiltImage): Promise<readonly string[]> {
  const present = await Promise.all(commandFolders.map((folder) => namesIn(root, folder)));
  return present.flat().filter((path) => forbidden.test(basename(path)));
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  const path = join(root, folder);
  return existsSync(path) ? (await readdir(path)).map((name) => `${folder}/${name}`).toSorted() : [];
}

/** Its files, and folders with a slash behind. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(root, join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''));
}
