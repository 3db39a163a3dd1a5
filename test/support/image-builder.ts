/** buildah with a store of its own and the stand-in bases: its commands as the docs have them, and what they made. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ownArchitecture } from '../servers/cluster/image.ts';
import { findCommand, run } from '../servers/command.ts';
import { createScratchFolder } from '../servers/service.ts';
import { imageTools, requireTools } from '../servers/tools.ts';
import { otherArchitecture, writeStandInBases } from './stand-in-bases.ts';

export interface BuiltImage {
  /** Of its manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** Digests of its layers, not compressed, the base's first. */
  readonly layers: readonly string[];
  /** Its root file system, on this machine. */
  readonly root: string;
}

interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ImageBuilder extends AsyncDisposable {
  readonly folder: string;
  /** A command line, in which `buildah` is this one. */
  sh(command: string, cwd: string): Promise<string>;
  open(name: string, architecture: 'amd64' | 'arm64'): Promise<BuiltImage>;
}

export async function createImageBuilder(): Promise<ImageBuilder> {
  await requireTools(imageTools);
  await using parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await createScratchFolder('images'));
  const { archives, volumes } = await writeStandInBases(folder);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const buildah = join(bin, 'buildah');
  const inBuild = ['--isolation=chroot', '--pull-never', ...volumes.map((volume) => `--volume=${volume}`)];
  const bases = ['BUILD_BASE=test.local/build:1', 'FINAL_BASE=test.local/bases:1'].map((base) => `--build-arg=${base}`);
  await writeFile(
    buildah,
    `#!/bin/sh
command=$1
shift
[ "$command" = build ] && set -- ${[...inBuild, ...bases].join(' ')} "$@"
exec ${findCommand('buildah')} --storage-driver=vfs --root=${folder}/store --runroot=${folder}/run "$command" "$@"
`,
  );
  await chmod(buildah, 0o755);
  for (const archive of Object.values(archives)) await run(buildah, ['pull', '--quiet', `docker-archive:${archive}`]);
  await run(buildah, ['manifest', 'create', 'test.local/bases:1']);
  for (const [name, architecture] of [
    ['final', ownArchitecture],
    ['other', otherArchitecture],
  ]) {
    const image = `containers-storage:test.local/${name}:1`;
    await run(buildah, ['manifest', 'add', '--arch', architecture ?? '', 'test.local/bases:1', image]);
  }
  const env = { PATH: [bin, process.env['PATH']].join(delimiter) };
  const owned = parts.move();
  return {
    folder,
    sh: (command, cwd) => run('sh', ['-e', '-c', command], { cwd, env }),
    async open(name, architecture) {
      const container = (await run(buildah, ['from', '--pull-never', '--arch', architecture, name])).trim();
      const { FromImageDigest: digest, OCIv1: image } = JSON.parse(await run(buildah, ['inspect', container]));
      const root = (await run(buildah, ['mount', container])).trim();
      return { digest, config: image.config, layers: image.rootfs.diff_ids, root };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
