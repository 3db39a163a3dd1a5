/** Images from files at hand, without an engine and without a registry: archives as `docker save` writes them, of one layer. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { createScratchFolder } from '../service.ts';

export interface ImageSpec {
  /** Tag, such as `test.local/tools:1` → what is run of it where nothing else is said. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** Path in the image → file on this machine. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image → where it points. */
  readonly links?: Readonly<Record<string, string>>;
  /** As images name it; this machine's where it is absent. */
  readonly architecture?: 'amd64' | 'arm64';
}

export const ownArchitecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Writes the archive to `file`: https://github.com/moby/docker-image-spec/blob/v1.2.0/v1.2.md */
export async function writeImage(
  file: string,
  { commands, files, links = {}, architecture = ownArchitecture }: ImageSpec,
): Promise<void> {
  await using scratch = await createScratchFolder('image');
  const root = join(scratch.path, 'root');
  for (const folder of ['tmp', 'etc', 'data', 'proc', 'sys']) await mkdir(join(root, folder), { recursive: true, mode: 0o777 });
  for (const [path, from] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await copyFile(from, join(root, path));
  }
  for (const [path, to] of Object.entries(links)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await symlink(to, join(root, path));
  }
  const out = join(scratch.path, 'out');
  await mkdir(out);
  await archive(root, join(out, 'layer.tar'));
  const layer = await readFile(join(out, 'layer.tar'));
  const rootfs = { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] };
  const images: object[] = [];
  for (const [tag, command] of Object.entries(commands)) {
    const name = `config-${images.length}.json`;
    const config = { architecture, os: 'linux', config: { Cmd: command, Env: ['PATH=/bin'] }, rootfs };
    await writeFile(join(out, name), JSON.stringify(config));
    images.push({ Config: name, RepoTags: [tag], Layers: ['layer.tar'] });
  }
  await writeFile(join(out, 'manifest.json'), JSON.stringify(images));
  await archive(out, file);
}

async function archive(folder: string, file: string): Promise<void> {
  await run('tar', ['--create', '--file', file, '--directory', folder, '--owner=0', '--group=0', '--numeric-owner', '.']);
}
