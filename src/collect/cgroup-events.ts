import { flatKeyed } from '../host/flat-keyed.ts';
import { readOnce } from '../locate/process-files.ts';
import type { EventWatch } from './event-watches.ts';
import type { Host } from './host.ts';

/** What the kernel tells of one cgroup by itself (cgroup v2); each `undefined` where it does not. */
export interface CgroupEventsOptions {
  readonly path: string;
  readonly owner: string;
}

const parsePopulated = flatKeyed(['populated']);

/**
 * Calls when all that ran in the cgroup has ended (`populated` of `cgroup.events`): its numbers are final, and there until it is
 * removed. Its remover waits for the same, and may be first.
 */
export function watchEnd(host: Host, { path, owner }: CgroupEventsOptions, onEnd: () => void): EventWatch | undefined {
  return watchFile(host, path, 'cgroup.events', (file) => {
    if (readOnce(host, file, owner, parsePopulated)?.[0] === 0) onEnd();
  });
}

/** Calls after each change of what the memory of the cgroup, and of all below it, went through (`memory.events`). */
export function watchMemory(host: Host, path: string, onChange: () => void): EventWatch | undefined {
  return watchFile(host, path, 'memory.events', onChange);
}

function watchFile(host: Host, path: string, name: string, onChange: (file: string) => void): EventWatch | undefined {
  const directory = host.hierarchy.directory('memory', path);
  if (host.between === undefined || directory === undefined) return undefined;
  const file = `${directory}/${name}`;
  return host.between.events.watch(file, () => onChange(file));
}
