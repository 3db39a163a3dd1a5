/**
 * A whole host in one text file, to be read and edited by people. A line `=== proc/1234/net/dev` starts a file and its bytes
 * follow up to the next such line; `=== cgroup/x/` is an empty directory, `=== cgroup/cpu -> cpu,cpuacct` a symbolic link.
 * Paths lie below `proc/` and `cgroup/`, which is /sys/fs/cgroup. A file whose last line has no newline ends as in a diff.
 */
import { readFile } from 'node:fs/promises';
import { hostTree } from './host-tree.ts';
import type { HostEntries, HostTree } from './host-tree.ts';

const header = /^=== (?<path>\S.*?)(?: -> (?<link>\S.*))?$/;
const cut = '\\ No newline at end of file\n';
const roots: Readonly<Record<string, string>> = { proc: 'proc', cgroup: 'sys/fs/cgroup' };

/** Makes the host of an archive in a temporary directory, removed when it is disposed of. */
export async function unpackHost(file: string): Promise<HostTree> {
  return await hostTree(parseArchive(await readFile(file, 'utf8')));
}

/** The entries of an archive, below the root of a host. Throws on what is no archive, and on a path that comes twice. */
export function parseArchive(text: string): HostEntries {
  const entries: Record<string, string | { readonly link: string }> = {};
  for (const section of text.split(/^(?==== )/m)) {
    const end = section.indexOf('\n');
    const head = section.slice(0, end);
    const { path, link } = header.exec(head)?.groups ?? {};
    if (path === undefined) throw new Error(`Not the head of a file: ${JSON.stringify(head)}`);
    const target = targetOf(path);
    if (Object.hasOwn(entries, target)) throw new Error(`Twice in the archive: ${path}`);
    const content = section.slice(end + 1);
    if (content !== '' && (link !== undefined || path.endsWith('/'))) throw new Error(`Content where none can be: ${path}`);
    entries[target] = link === undefined ? withoutCut(content) : { link };
  }
  return entries;
}

/** The section of one file, directory (its path ends with `/`) or link. */
export function formatEntry(path: string, content: string | { readonly link: string }): string {
  if (typeof content !== 'string') return `=== ${path} -> ${content.link}\n`;
  return `=== ${path}\n${content === '' || content.endsWith('\n') ? content : `${content}\n${cut}`}`;
}

function targetOf(path: string): string {
  const slash = path.indexOf('/');
  const root = roots[path.slice(0, slash)];
  if (root === undefined || path.split('/').includes('..')) throw new Error(`Neither below proc/ nor below cgroup/: ${path}`);
  return root + path.slice(slash);
}

function withoutCut(content: string): string {
  return content.endsWith(`\n${cut}`) ? content.slice(0, -cut.length - 1) : content;
}
