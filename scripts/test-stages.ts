/** What tests need before they can run: a machine that is new builds it meanwhile, and runs first what needs least. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServerName } from '../test/servers/build.ts';

interface Stage {
  /** Built for it, besides those of the stages before. */
  readonly servers: readonly ServerName[];
  /** The module that starts them. */
  readonly module?: string;
}

/** In the order in which servers are built. */
export const stages: readonly Stage[] = [
  { servers: [] },
  { servers: ['kube-apiserver'], module: 'test/servers/api-server.ts' },
  { servers: ['kube-controller-manager', 'kube-scheduler', 'kubelet'], module: 'test/servers/cluster/cluster.ts' },
  { servers: ['influxd'], module: 'test/servers/influxdb.ts' },
];

/** All that are there at a stage. */
export function serversAt(stage: number): readonly ServerName[] {
  return stages.slice(0, stage + 1).flatMap(({ servers }) => servers);
}

/** The index of the first stage at which a test file can run, by all that it imports. Paths are relative to the root. */
export function stageOf(file: string, root: string): number {
  const modules = importedBy(file, root);
  return stages.findLastIndex(({ module }) => module === undefined || modules.has(module));
}

/** Of the project's own modules: itself, and those that it loads, directly or through others. */
function importedBy(file: string, root: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, path = ''] of text.matchAll(/^import (?!type )[^;]*?'(\.[^']+)'/gm)) {
    importedBy(join(dirname(file), path), root, seen);
  }
  return seen;
}
