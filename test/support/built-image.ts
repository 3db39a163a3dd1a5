/** The image by the command of docs/install.md, from a checkout of its own. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownArchitecture } from '../servers/cluster/image.ts';
import { createImageBuilder, type ImageBuilder } from './image-builder.ts';

const project = join(import.meta.dirname, '../..');

/** As the page has it. */
export const imageName = 'registry.example/podgauge:0.1.0';

/** A repository with one commit of all that the build reads, below the builder's folder. */
export async function checkOut(builder: ImageBuilder): Promise<string> {
  const checkout = join(builder.folder, 'checkout');
  const context = (await readFile(join(project, '.dockerignore'), 'utf8')).match(/(?<=^!).+/gm) ?? [];
  for (const path of ['Dockerfile', '.dockerignore', ...context]) {
    await cp(join(project, path), join(checkout, path), { recursive: true });
  }
  const author = '-c user.name=test -c user.email=test@example.org';
  await builder.sh(`git init --quiet && git add . && git ${author} commit --quiet --message=All`, checkout);
  return checkout;
}

/** Builds for both architectures, on this one. */
export async function buildCommand(): Promise<string> {
  const page = await readFile(join(project, 'docs/install.md'), 'utf8');
  const [, block] = /```sh\n(buildah build [^]*?)(?<!\\)\n/.exec(page) ?? [];
  if (block === undefined) throw new Error('docs/install.md has no buildah build');
  return block.replace('BUILDPLATFORM=linux/amd64', `BUILDPLATFORM=linux/${ownArchitecture}`);
}

/** Builds it for this architecture and writes it to `file`, an archive as `docker save` writes them. */
export async function writeBuiltImage(file: string): Promise<void> {
  await using builder = await createImageBuilder();
  const checkout = await checkOut(builder);
  const command = await buildCommand();
  await builder.sh(
    command.replace(/--platform \S+/, `--platform linux/${ownArchitecture}`).replace('--manifest', '--tag'),
    checkout,
  );
  await builder.sh(`buildah push --quiet ${imageName} docker-archive:${file}:${imageName}`, checkout);
}
