/**
 * `npm run bench`: what a cycle costs, beside a floor in C that only reads the same files, in the same run and in turns. Prints a table and
 * puts it into docs/performance.md. Needs root, gcc and cgroup v1. `TELEGRAF=<binary>` measures Telegraf on the same cgroups too.
 * Names of scenarios as arguments run these alone, and leave the document as it is. `scale` and `sizes` are measurements of another kind,
 * with a page of their own each.
 */
import { collectorNames } from '../src/metrics/collectors.ts';
import { intoDocument, measuredNow } from './document.ts';
import { createNodeLoad } from './node-load.ts';
import { measure } from './scenario.ts';
import type { Measured, Scenario } from './scenario.ts';
import { measureScale } from './scale.ts';
import { startSink } from './sink.ts';
import { measureSizes } from './sizes.ts';
import { measureTelegraf } from './telegraf.ts';

interface Run extends Scenario {
  readonly pods: number;
  readonly telegraf?: boolean;
}

const containersPerPod = 3;
const basics = ['cpu', 'memory', 'pids', 'network'] as const;
const mib = 2 ** 20;
/** So long that V8 has optimized what it will. */
const secondly = { periodMs: 1000, warmUpCycles: 180, cycles: 90 };
const runs: readonly Run[] = [
  { name: 'basics', pods: 100, collectors: basics, ...secondly, telegraf: true },
  { name: 'everything', pods: 100, collectors: collectorNames, ...secondly },
  { name: 'everything-128MiB', pods: 334, collectors: collectorNames, ...secondly, memoryLimit: 128 * mib },
  { name: 'everything-3000', pods: 1000, collectors: collectorNames, periodMs: 5000, warmUpCycles: 18, cycles: 24 },
];

const wanted = process.argv.slice(2);
const others: Readonly<Record<string, () => Promise<void>>> = { scale: measureScale, sizes: measureSizes };
const known = [...runs.map(({ name }) => name), ...Object.keys(others)];
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}, only ${known.join(', ')}`);
for (const name of wanted) await others[name]?.();
const rows: string[] = [];
for (const run of runs) {
  if (wanted.length > 0 && !wanted.includes(run.name)) continue;
  await using load = await createNodeLoad(run.pods, containersPerPod);
  const measured = await measure(run, load);
  rows.push(rowOf(run, measured));
  console.log(rows.at(-1));
  if (run.telegraf !== true) continue;
  await using sink = await startSink();
  const telegraf = await measureTelegraf({ pods: load.pods, url: sink.url, periodMs: run.periodMs, cycles: run.cycles });
  if (telegraf === undefined) continue;
  const cells = [`${telegraf.version}, inputs.cgroup on the cgroups of the first row`, run.pods * containersPerPod, '', ''];
  const cost = [
    `${telegraf.cpuMs.toFixed(2)} ms`,
    (telegraf.cpuMs / measured.floorMs).toFixed(2),
    `${telegraf.rssMib.toFixed(1)} MiB`,
  ];
  rows.push(`| ${[...cells, '', ...cost].join(' | ')} |`);
}

if (rows.length > 0) tell();

function tell(): void {
  const table = [
    `${measuredNow()}, cgroup v1. ` +
      'CPU is a mean over the cycles of the whole process: watch, reading, parsing, rates, line protocol, compression, sending. The floor and the agent in turns.',
    '',
    '| | containers | files: kept, opened, rare | points | floor | podgauge | × floor | RSS |',
    '|--|--|--|--|--|--|--|--|',
    ...rows,
  ].join('\n');
  console.log(table);
  if (wanted.length === 0) intoDocument('performance.md', table);
}

function rowOf(
  { name, pods, periodMs, collectors }: Run,
  { files, points, floorMs, agentMs, rss, anonymous, cgroup }: Measured,
): string {
  const limited =
    cgroup === undefined
      ? ''
      : `; its cgroup: peak ${cgroup.peak.toFixed(1)}, working set ${cgroup.workingSet.toFixed(1)} of 128 MiB`;
  const cells = [
    `${name}: ${collectors.length === collectorNames.length ? 'all collectors' : collectors.join(', ')}, every ${periodMs / 1000} s`,
    pods * containersPerPod,
    `${files.kept.length}, ${files.opened.length}, ${files.rare.length}`,
    points,
    `${floorMs.toFixed(2)} ms`,
    `${agentMs.toFixed(2)} ms`,
    (agentMs / floorMs).toFixed(2),
    `${rss.toFixed(1)} MiB, of it anonymous ${anonymous.toFixed(1)}${limited}`,
  ];
  return `| ${cells.join(' | ')} |`;
}
