import type { Worker } from '../../servers/cluster/worker.ts';
import { until } from '../until.ts';

/** When the cgroups of pods and containers were removed in the worker, as its kernel told. */
export interface CgroupEnds {
  /** Unix time in milliseconds, never too early, by a pod's UID or a container's id; `undefined` while it is there. */
  of(name: string): number | undefined;
  readonly count: number;
}

const script = `
const fs = require('node:fs');
const root = '/sys/fs/cgroup/kubepods';
function follow(directory, depth) {
  try {
    fs.watch(directory, (event, name) => {
      const at = Date.now();
      if (event !== 'rename') return;
      if (fs.existsSync(directory + '/' + name)) { if (depth === 0) follow(directory + '/' + name, 1); }
      else console.log(at + ' ' + name.replace(/^pod/, ''));
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
for (const parent of ['', '/burstable', '/besteffort']) follow(root + parent, 0);
console.log('ready');
`;

export interface RecordedEnds extends CgroupEnds {
  /** Reads on, from then on, in these lines: a time and a name each. */
  from(lines: readonly string[]): void;
}

export function createCgroupEnds(): RecordedEnds {
  const ends = new Map<string, number>();
  let source: readonly string[] = [];
  let read = 0;

  function readOn(): void {
    for (; read < source.length; read += 1) {
      const [at, name = ''] = (source[read] ?? '').split(' ');
      if (name !== '') ends.set(name, Number(at));
    }
  }

  return {
    of(name) {
      readOn();
      return ends.get(name);
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
