/**
 * `npm run bench`: what a cycle costs, beside a floor in C that only reads the same files, in the same run and in turns. Prints a table and
 * puts it into docs/performance.md. Needs root and gcc. `TELEGRAF=<binary>` measures Telegraf on the same cgroups too.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startAgent } from '../test/support/agent-process.ts';
import { filesOf, runFloor } from './floor.ts';
import { createNodeLoad } from './node-load.ts';
import { startSink } from './sink.ts';
import type { Heartbeat } from './sink.ts';
import { measureTelegraf } from './telegraf.ts';

const podCount = 100;
const containersPerPod = 3;
const periodMs = 1000;
const warmUpCycles = 90;
const cycles = 90;
/** After the agent was stopped: what its sockets and timers make up for is not a cycle's cost. */
const settleCycles = 5;

await using load = await createNodeLoad(podCount, containersPerPod);
await using sink = await startSink();
const influx = ['--influx-url', sink.url, '--influx-org', 'bench', '--influx-bucket', 'bench'];
await using agent = await startAgent({
  args: [...load.args, ...influx, '--period', `${periodMs}ms`],
  env: { ...load.env, INFLUX_TOKEN: 'token-of-the-bench' },
});

const containers = podCount * containersPerPod;
await until(() => sink.heartbeats.at(-1)?.['containers'] === containers);
await setTimeout(warmUpCycles * periodMs);
const files = filesOf(agent.pid);
const floorBefore = await floorAlone();
await setTimeout(settleCycles * periodMs);
const first = sink.heartbeats.length;
await setTimeout(cycles * periodMs);
const measured = sink.heartbeats.slice(first, first + cycles);
const memory = memoryOf(agent.pid);
const floor = [...floorBefore, ...(await floorAlone())];
const telegraf = await measureTelegraf({ pods: load.pods, url: sink.url, periodMs, cycles });

const floorMs = mean(floor) / 1e6;
const agentMs = mean(measured.map((beat) => beat['cycle_cpu_nanoseconds'] ?? Number.NaN)) / 1e6;
const rows = [
  ['the C floor: the same files, `pread`, nothing else', `${floorMs.toFixed(2)} ms`, '1', ''],
  [
    'podgauge: the whole process (watch, cycle, gzip, send)',
    `${agentMs.toFixed(2)} ms`,
    (agentMs / floorMs).toFixed(2),
    `${memory.rss.toFixed(1)} MiB, of it anonymous ${memory.anonymous.toFixed(1)}`,
  ],
  ...(telegraf === undefined
    ? []
    : [
        [
          `${telegraf.version}, inputs.cgroup on the same cgroups`,
          `${telegraf.cpuMs.toFixed(2)} ms`,
          (telegraf.cpuMs / floorMs).toFixed(2),
          `${telegraf.rssMib.toFixed(1)} MiB`,
        ],
      ]),
];
const table = [
  `Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}: ` +
    `${podCount} pods × ${containersPerPod} containers in real cgroups (v1), ${files.kept.length} files kept open and ` +
    `${files.opened.length} opened each cycle, a cycle a second, mean of ${measured.length} cycles after ${warmUpCycles} of warm-up, ` +
    'the floor and the agent in turns, ' +
    `${lastOf(measured)['points'] ?? 0} points a cycle.`,
  '',
  '| | CPU a cycle | × floor | RSS |',
  '|--|--|--|--|',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
].join('\n');
console.log(table);
intoDocument(table);

function lastOf(beats: readonly Heartbeat[]): Heartbeat {
  return beats.at(-1) ?? {};
}

/** The floor while the agent stands still, half of it before and half after the agent's turn: neither disturbs the other. */
async function floorAlone(): Promise<readonly number[]> {
  process.kill(agent.pid, 'SIGSTOP');
  try {
    return await runFloor(files, periodMs, cycles / 2);
  } finally {
    process.kill(agent.pid, 'SIGCONT');
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while (!condition()) {
    if (deadline.aborted) throw new Error(`The agent did not find its load; its log:\n${JSON.stringify(agent.log, null, 1)}`);
    await setTimeout(100);
  }
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

function intoDocument(text: string): void {
  const path = join(import.meta.dirname, '../docs/performance.md');
  const document = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- bench -->', '<!-- /bench -->'];
  const before = document.slice(0, document.indexOf(start) + start.length);
  writeFileSync(path, `${before}\n${text}\n${document.slice(document.indexOf(end))}`);
}
