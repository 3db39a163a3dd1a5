/** What the Dockerfile builds on, made from what this machine has: no registry is asked for an image, or for a package. */
import { realpathSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findCommand, run } from '../servers/command.ts';
import { ownArchitecture, writeImage } from '../servers/cluster/image.ts';

const root = join(import.meta.dirname, '../..');

export interface StandInBases {
  /** Paths of archives, by the name to give what is in them. */
  readonly archives: Readonly<Record<'build' | 'final' | 'other', string>>;
  /** What the steps of the build stage are given of this machine, read-only: `--volume` of buildah. */
  readonly volumes: readonly string[];
}

export const otherArchitecture = ownArchitecture === 'amd64' ? 'arm64' : 'amd64';

/** Answers `npm ci` with the packages of this checkout, which npm itself first holds against package.json and its lock. */
const npm = `#!/bin/sh
command=$1
shift
[ "$command" = ci ] && set -- --dry-run --offline "$@"
exec node /npm/bin/npm-cli.js "$command" "$@"
`;

export async function writeStandInBases(folder: string): Promise<StandInBases> {
  await writeFile(join(folder, 'npm'), npm);
  await chmod(join(folder, 'npm'), 0o755);
  const archives = {
    build: join(folder, 'build.tar'),
    final: join(folder, 'final.tar'),
    other: join(folder, 'other.tar'),
  };
  const commands = ['sh', 'env', 'chmod', 'touch'].map((name) => [`bin/${name}`, `/usr/bin/${name}`]);
  // The host's /usr is bound at its place, which the links of the root lead to.
  const folders = ['lib', 'lib64'].map((name) => [name, `usr/${name}`]);
  await writeImage(archives.build, {
    commands: { 'test.local/build:1': [] },
    files: { 'bin/npm': join(folder, 'npm') },
    links: { 'bin/node': '/build/node_modules/.bin/node', ...Object.fromEntries([...commands, ...folders]) },
  });
  const node = realpathSync(process.execPath);
  await writeImage(archives.final, {
    commands: { 'test.local/final:1': [] },
    files: { 'nodejs/bin/node': node, ...Object.fromEntries((await librariesOf(node)).map((path) => [path, path])) },
  });
  // Nothing could be run in it.
  await writeImage(archives.other, {
    commands: { 'test.local/other:1': [] },
    files: {},
    architecture: otherArchitecture,
  });
  const npmFolder = join(dirname(realpathSync(findCommand('npm') ?? '')), '..');
  return {
    archives,
    volumes: ['/usr:/usr:ro', `${npmFolder}:/npm:ro`, `${join(root, 'node_modules')}:/build/node_modules:ro`],
  };
}

/** Where the loader finds what a program is linked to, the loader itself included. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const lines = await run('ldd', [program]);
  return Array.from(lines.matchAll(/(?:=> |^\s+)(\/\S+)/gm), ([, path = '']) => path);
}
