/**
 * Writes the pages of docs/, the parts of the chart and the lines of the Dockerfile that come from tables in src/ and scripts/. With `--check` it writes nothing and fails, naming the page, when
 * one on disk differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { apiKinds } from '../src/check/api.ts';
import { catalogue } from '../src/check/catalogue.ts';
import { lineOf } from '../src/check/finding.ts';
import { cgroupFile } from '../src/collect/cgroup-files.ts';
import { optionRows } from '../src/config/options.ts';
import { measurements } from '../src/metrics/measurements.ts';
import type { Metric } from '../src/metrics/metric.ts';
import { metrics } from '../src/metrics/table.ts';
import { chartPages } from './chart/pages.ts';
import { sampleName } from '../src/serve/exposition.ts';
import { selfMetrics } from '../src/serve/self-metrics.ts';
import { dockerfileOf } from './launch.ts';

/** Rows that others have and podgauge has not, with the right that each would take. */
const notRead = `
## What is not read, and the right it would take

| what | where it is | right |
| -- | -- | -- |
| open files of a container | \`/proc/<pid>/fd\` of each of its processes | CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, which read every secret of every pod |
| bytes that processes read and wrote through system calls | \`/proc/<pid>/io\` | the same |
| sizes of writable layers, by a walk (\`--file-systems walk\`) | the runtime's directories | CAP_DAC_READ_SEARCH, and the host's root mounted |
| sizes of writable layers, logs and volumes (\`--file-systems kubelet\`) | the kubelet's Summary API | get on \`nodes/stats\` |
| kills for memory, from the kernel's log | \`/dev/kmsg\` | CAP_SYSLOG; the cgroups tell of them without |
| network of a pod without a live process | its network namespace | CAP_SYS_ADMIN |
| sockets of TCP that listen, are about to open or wait to be closed (listen, syn-recv, close-wait) | \`/proc/<pid>/net/tcp\` and \`tcp6\` | none, but the kernel goes through every bucket of a table that all pods share, and prints a line for each socket: what it costs, any pod can raise |
`;

const pages = new Map([
  ['docs/options.md', optionsPage()],
  ['docs/metrics.md', metricsPage()],
  ['docs/check.md', checkPage()],
  ['docs/self-metrics.md', selfMetricsPage()],
  ...chartPages(),
  ['Dockerfile', dockerfile()],
]);

const check = process.argv.includes('--check');
for (const [path, wanted] of pages) {
  const file = new URL(`../${path}`, import.meta.url);
  if (wanted === contentOf(file)) continue;
  if (check) {
    console.error(`${path} is not what the tables in src/, the chart's values and scripts/launch.ts say: run npm run fix`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    console.log(`${path} written`);
  }
}

function optionsPage(): string {
  const rows = optionRows.map(([key, option]) => [
    option.flag === undefined ? '–' : code(`${option.flag} ${option.kind.shown}`),
    code(option.env),
    option.notInFile ? '–' : code(key),
    option.default === undefined ? (option.otherwise ?? '–') : code(option.default),
    option.help,
  ]);
  return page(
    'Options',
    [
      'Each option has a flag, an environment variable and a key in the config file (YAML or JSON, named by `--config`). Flags go',
      'before the environment, the environment before the file, the file before defaults. A dot in a key is nesting:',
      '`influxdb.url` is `url` in the map `influxdb`. An empty variable or key counts as not set. An unknown name or a bad value',
      'ends the start with one line that says what to set.',
    ],
    table(['flag', 'environment', 'key', 'default', 'meaning'], rows),
  );
}

function dockerfile(): string {
  const packageJson: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return dockerfileOf(readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8'), packageJson.version);
}

function checkPage(): string {
  const rows = catalogue.map(({ level, what, when, remedy }) => [what, code(level), when, remedy ?? '–']);
  return page(
    'Check',
    [
      '`podgauge check`, with the options of a run, tells whether this node and this InfluxDB work: in the pod (`kubectl exec`, no shell is',
      'needed), or on a host. It prints a line for each finding, to standard output:',
      '',
      '```text',
      lineOf({ kind: apiKinds.listed, says: '31 on node worker-1' }),
      lineOf({ kind: apiKinds.nodeDenied, says: 'HTTP 403: nodes "worker-1" is forbidden' }),
      '```',
      '',
      'It makes the requests that the agent makes, reads what it reads, and leaves nothing behind: to InfluxDB it writes a comment, which is no',
      'point and takes the same right. Each request has 5 s. Ctrl-C stops it.',
      '',
      '| exit code | means |',
      '| -- | -- |',
      '| 0 | all works; there may be warnings |',
      '| 1 | a line begins with `FAIL`: something that was asked for does not work |',
      '| 2 | the configuration is wrong: one line on standard error says what to set, and nothing was looked at |',
      '',
      'All findings, in the order of their lines. Of those that exclude each other one is told.',
    ],
    table(['what', 'level', 'when', 'what to do'], rows),
  );
}

function metricsPage(): string {
  const sections: string[] = [];
  const all: readonly Metric[] = metrics;
  for (const [measurement, { tags, help }] of Object.entries(measurements)) {
    const rows = all
      .filter((metric) => metric.in.some((one) => one === measurement))
      .map((metric) => [code(metric.field), metric.kind, metric.unit, metric.help, originOf(metric)]);
    sections.push(
      `## \`${measurement}\`\n\n${capitalized(help)}.\n\nTags: ${tags.map(code).join(', ')}.\n`,
      table(['field', 'kind', 'unit', 'meaning', 'from'], rows),
    );
  }
  return page(
    'Metrics',
    [
      'Counters are integers and exact at any size. A value that is not known is not written: absent is never 0. Tags are constant',
      'for a measurement; labels and annotations that `--pod-labels` and `--pod-annotations` name are further tags of all that begin with',
      '`k8s_pod` or `k8s_container`. What is marked so is written every 30 s, states on change and every five minutes, file systems at a',
      'pace of their own, and all else every cycle. On a hybrid host pressure and `populated` come from the tree of v2 beside v1, where that has',
      'the same cgroup, as it has under systemd.',
    ],
    sections.join('\n') + notRead,
  );
}

function selfMetricsPage(): string {
  const rows = selfMetrics.map((metric) => {
    const labels = 'labels' in metric ? Object.keys(metric.labels) : 'label' in metric ? [metric.label] : [];
    return [code(sampleName(metric)), metric.type, metric.unit ?? '–', labels.map(code).join(', ') || '–', metric.help];
  });
  return page(
    'Health and self-metrics',
    [
      'podgauge serves three pages over HTTP at `--listen`, by default at `127.0.0.1:9610`, and nothing else. None names a pod, so none',
      'needs a token. `once` serves nothing.',
      '',
      '| page | says | for |',
      '| -- | -- | -- |',
      '| `/healthz` | 200 while a cycle began or ended within three periods, and at least 30 s; else 503 with the reason in a line | a liveness probe |',
      '| `/readyz` | 200 when the pods were listed once and no point was dropped for that long; else 503 with the reason in a line | a readiness probe |',
      '| `/metrics` | the numbers below, as OpenMetrics 1.0, or as the older Prometheus text for whoever likes that better | Prometheus and its kind |',
      '',
      '`/healthz` depends on neither the API server nor InfluxDB: a restart would help neither, and lose what waits. An answer ends its',
      'connection, and a connection ends after five seconds. When 256 are open, the oldest makes room.',
      '',
      'The heartbeat (`podgauge` in [metrics.md](metrics.md)) writes the same numbers to InfluxDB. What is not known is absent: of a watch,',
      'where no API server is asked. A histogram has `_bucket`, `_count` and `_sum` behind its name, a summary the last two.',
    ],
    table(['metric', 'type', 'unit', 'labels', 'meaning'], rows),
  );
}

function originOf(metric: Metric): string {
  const { v1, v2, source, since } = metric;
  return [
    v1 === undefined ? '' : `v1: ${v1}`,
    v2 === undefined ? '' : `v2: ${v2}`,
    source ?? '',
    since === undefined ? '' : `since Linux ${since}`,
    paceOf(metric),
  ]
    .filter((origin) => origin !== '')
    .join('; ');
}

/** Of which of the two versions it comes every 30 s, where that is not every cycle. */
function paceOf({ v1, v2, pace }: Metric): string {
  const isRare = (version: 1 | 2, origin: string | undefined): boolean =>
    origin !== undefined &&
    (pace === 'rare' || origin.startsWith('hugetlb.') || cgroupFile(version, origin.split(' ')[0] ?? '')?.pace === 'rare');
  const rare = [isRare(1, v1) ? 'v1' : '', isRare(2, v2) ? 'v2' : ''].filter((version) => version !== '');
  const named = [v1, v2].filter((origin) => origin !== undefined);
  if (rare.length === 0) return '';
  return rare.length === named.length ? 'every 30 s' : `${rare.join('')} every 30 s`;
}

function page(title: string, lead: readonly string[], body: string): string {
  return `# ${title}\n\n<!-- Generated by scripts/generate.ts: do not edit. -->\n\n${lead.join('\n')}\n\n${body}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '--'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |\n`);
  return lines.join('');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`);
}

function code(text: string): string {
  return `\`${text}\``;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function contentOf(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A page that is missing differs, too.
    return undefined;
  }
}
