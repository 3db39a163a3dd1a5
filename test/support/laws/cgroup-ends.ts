import type { Worker } from '../../servers/cluster/worker.ts';
import { until } from '../until.ts';

export interface CgroupEnd {
  /** The id of a container or of a sandbox. */
  readonly id: string;
  readonly at: number;
}

/** When the cgroups of pods and containers were removed in the worker, as its kernel told. */
export interface CgroupEnds {
  /** Unix time in milliseconds, never too early, by a pod's UID or a container's id; `undefined` while it is there. */
  of(name: string): number | undefined;
  /** Those of a pod's sandboxes and containers, by its UID. */
  within(uid: string): readonly CgroupEnd[];
  readonly count: number;
}

const script = `
const fs = require('node:fs');
const path = require('node:path');
const root = '/sys/fs/cgroup/kubepods';
function follow(directory, depth) {
  try {
    fs.watch(directory, (event, name) => {
      const at = Date.now();
      if (event !== 'rename') return;
      if (fs.existsSync(directory + '/' + name)) { if (depth === 0) follow(directory + '/' + name, 1); }
      else console.log([at, ...(depth === 0 ? [] : [path.basename(directory)]), name].join(' ').replace(/ pod/, ' '));
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
for (const parent of ['', '/burstable', '/besteffort']) follow(root + parent, 0);
console.log('ready');
`;

export interface RecordedEnds extends CgroupEnds {
  /** Reads on, from then on, in these lines: a time and a pod's UID each, and what of the pod it was, if not all of it. */
  from(lines: readonly string[]): void;
}

export function createCgroupEnds(): RecordedEnds {
  const ends = new Map<string, number>();
  const byPod = new Map<string, CgroupEnd[]>();
  let source: readonly string[] = [];
  let read = 0;

  function readOn(): void {
    for (; read < source.length; read += 1) {
      const [time, uid, id] = (source[read] ?? '').split(' ');
      if (uid === undefined) continue;
      const at = Number(time);
      ends.set(id ?? uid, at);
      if (id !== undefined) byPod.set(uid, [...(byPod.get(uid) ?? []), { id, at }]);
    }
  }

  return {
    of(name) {
      readOn();
      return ends.get(name);
    },
    within(uid) {
      readOn();
      return byPod.get(uid) ?? [];
    },
    get count() {
      readOn();
      return ends.size;
    },
    from(lines) {
      source = lines;
      read = 0;
    },
  };
}

/** On a node with cgroupfs as its driver. Resolves when nothing is missed any more. */
export async function followCgroups(worker: Worker, ends: RecordedEnds): Promise<void> {
  const { stdout, stderr } = await worker.start({ program: 'node', args: ['--eval', script] });
  await until('the watch of the cgroups', () => stdout.includes('ready'), { describe: () => stderr.join('\n') });
  ends.from(stdout);
}
