import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A made-up host in a temporary directory, removed when it is disposed of. */
export interface HostTree extends AsyncDisposable {
  readonly path: string;
  readonly procRoot: string;
  readonly cgroupRoot: string;
  /** Adds to the host what `hostTree` takes. */
  add(entries: HostEntries): Promise<void>;
  /** Removes files and directories with all they hold. */
  remove(...paths: readonly string[]): Promise<void>;
}

/** Path below the host's root → the text of a file; a path that ends with `/` is a directory, `{ link }` a symbolic link. */
export type HostEntries = Readonly<Record<string, string | { readonly link: string }>>;

/** Makes `/proc` and `/sys/fs/cgroup`, and in them what `entries` says. */
export async function hostTree(entries: HostEntries = {}): Promise<HostTree> {
  const path = await mkdtemp(join(tmpdir(), 'podgauge-host-'));
  const procRoot = join(path, 'proc');
  const cgroupRoot = join(path, 'sys/fs/cgroup');
  await mkdir(procRoot, { recursive: true });
  await mkdir(cgroupRoot, { recursive: true });

  async function add(added: HostEntries): Promise<void> {
    for (const [name, content] of Object.entries(added)) {
      const target = join(path, name);
      await mkdir(name.endsWith('/') ? target : dirname(target), { recursive: true });
      if (typeof content !== 'string') await symlink(content.link, target);
      else if (!name.endsWith('/')) await writeFile(target, content);
    }
  }

  await add(entries);
  return {
    path,
    procRoot,
    cgroupRoot,
    add,
    async remove(...paths) {
      for (const name of paths) await rm(join(path, name), { recursive: true });
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
