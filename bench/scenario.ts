/** One measurement: an agent with a load, beside the floor, in turns. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { CollectorName } from '../src/metrics/collectors.ts';
import { startAgent } from '../test/support/agent-process.ts';
import type { AgentProcess } from '../test/support/agent-process.ts';
import { filesOf } from './floor-files.ts';
import type { FloorFiles } from './floor-files.ts';
import { runFloor } from './floor.ts';
import type { NodeLoad } from './node-load.ts';
import { startSink } from './sink.ts';
import type { Sink } from './sink.ts';

export interface Scenario {
  readonly name: string;
  readonly collectors: readonly CollectorName[];
  readonly periodMs: number;
  readonly warmUpCycles: number;
  readonly cycles: number;
  /** Bytes: the agent runs in a memory cgroup of its own with this limit. */
  readonly memoryLimit?: number;
}

export interface Measured {
  readonly floorMs: number;
  readonly agentMs: number;
  readonly points: number;
  readonly files: FloorFiles;
  /** In MiB. */
  readonly rss: number;
  readonly anonymous: number;
  /** Of its cgroup, in MiB, where it has one. */
  readonly cgroup?: { readonly peak: number; readonly workingSet: number };
}

/** After the agent was stopped: what its sockets and timers make up for is not a cycle's cost. */
const settleCycles = 5;
const cgroup = '/sys/fs/cgroup/memory/podgauge-bench-agent';

export async function measure(scenario: Scenario, load: NodeLoad): Promise<Measured> {
  const { collectors, periodMs, warmUpCycles, cycles } = scenario;
  await using sink = await startSink();
  using limited = scenario.memoryLimit === undefined ? undefined : limitedCgroup(scenario.memoryLimit);
  const influx = ['--influx-url', sink.url, '--influx-org', 'bench', '--influx-bucket', 'bench'];
  await using agent = await startAgent({
    args: [
      ...load.args,
      ...influx,
      '--period',
      `${periodMs}ms`,
      '--collectors',
      collectors.join(','),
      '--listen',
      '127.0.0.1:0',
    ],
    env: { ...load.env, INFLUX_TOKEN: 'token-of-the-bench' },
    under: limited === undefined ? [] : ['sh', '-c', `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`, 'sh'],
  });
  await seesAll(sink, load, agent);
  await setTimeout(warmUpCycles * periodMs);
  const files = filesOf({ agentPid: agent.pid, pods: load.pods, collectors });
  const floorBefore = await floorAlone(agent, files, scenario);
  await setTimeout(settleCycles * periodMs);
  const first = sink.heartbeats.length;
  await setTimeout(cycles * periodMs);
  const beats = sink.heartbeats.slice(first, first + cycles);
  const memory = memoryOf(agent.pid);
  const used = limited?.used();
  const floor = [...floorBefore, ...(await floorAlone(agent, files, scenario))];
  return {
    floorMs: mean(floor) / 1e6,
    agentMs: mean(beats.map((beat) => beat['cycle_cpu_nanoseconds'] ?? Number.NaN)) / 1e6,
    points: beats.at(-1)?.['points'] ?? 0,
    files,
    ...memory,
    ...(used !== undefined && { cgroup: used }),
  };
}

async function seesAll(sink: Sink, { pods }: NodeLoad, agent: AgentProcess): Promise<void> {
  const wanted = pods.flatMap(({ containers }) => containers).length;
  const deadline = AbortSignal.timeout(120_000);
  while (sink.heartbeats.at(-1)?.['containers'] !== wanted) {
    if (deadline.aborted) throw new Error(`The agent did not find its load; its log:\n${JSON.stringify(agent.log, null, 1)}`);
    await setTimeout(100);
  }
}

/** The floor while the agent stands still, half of it before and half after the agent's turn: neither disturbs the other. */
async function floorAlone(
  { pid }: AgentProcess,
  files: FloorFiles,
  { periodMs, cycles }: Scenario,
): Promise<readonly number[]> {
  process.kill(pid, 'SIGSTOP');
  try {
    return await runFloor(files, periodMs, Math.ceil(cycles / 2));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** A memory cgroup of v1 with a limit, as a container's. */
function limitedCgroup(limit: number): Disposable & { used(): NonNullable<Measured['cgroup']> } {
  mkdirSync(cgroup, { recursive: true });
  writeFileSync(`${cgroup}/memory.limit_in_bytes`, String(limit));
  const read = (file: string): string => readFileSync(`${cgroup}/${file}`, 'utf8');
  return {
    used() {
      const inactiveFile = Number(/^total_inactive_file (\d+)$/m.exec(read('memory.stat'))?.[1]);
      const usage = Number(read('memory.usage_in_bytes'));
      return { peak: Number(read('memory.max_usage_in_bytes')) / 2 ** 20, workingSet: (usage - inactiveFile) / 2 ** 20 };
    },
    [Symbol.dispose]: () => rmdirSync(cgroup),
  };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** In MiB. */
function memoryOf(pid: number): { readonly rss: number; readonly anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { rss: kib('VmRSS') / 1024, anonymous: kib('RssAnon') / 1024 };
}
