/** What a user sees of a configuration that cannot be used: one line that says what to set, no stack, and the exit code 2. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, test } from 'vitest';

const main = join(import.meta.dirname, '../../src/main.ts');
const files = {
  'unknown-key.yaml': 'period: 10s\nperid: 5s\n',
  'bad-value.yaml': 'influxdb: {url: "influx:8086"}\n',
  'not-yaml.yaml': 'period: [10s\n',
} as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podgauge-refused-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});

afterAll(() => rm(folder, { recursive: true }));

interface Refused {
  readonly why: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How its line begins; `<folder>` is where the files are. */
  readonly line: string;
}

const refused: readonly Refused[] = [
  { why: 'a flag that is unknown', args: ['--perid', '5s'], line: 'Unknown flag "--perid": ' },
  { why: 'a variable that is unknown', env: { PODGAUGE_PERID: '5s' }, line: 'Unknown environment variable "PODGAUGE_PERID": ' },
  { why: 'a key that is unknown', args: ['--config=<folder>/unknown-key.yaml'], line: 'Unknown key of config file ' },
  { why: 'a command that is unknown', args: ['collect'], line: 'Unknown sub-command "collect": ' },
  { why: 'a bad value of a flag', args: ['--period=soon'], line: 'Cannot use "soon" of flag --period: set ' },
  { why: 'a bad value of a variable', env: { LOG_LEVEL: 'loud' }, line: 'Cannot use "loud" of variable LOG_LEVEL: set ' },
  {
    why: 'a bad value of a key',
    args: ['--config=<folder>/bad-value.yaml'],
    line: 'Cannot use "influx:8086" of key influxdb.url of ',
  },
  { why: 'a period of 0', args: ['--period', '0'], line: 'Cannot use "0" of flag --period: set ' },
  {
    why: 'two values that contradict each other',
    args: ['--source=cgroup', '--kubeconfig=/nowhere'],
    line: 'Source cgroup asks no API server, but flag --kubeconfig names one: ',
  },
  {
    why: 'a target without its other half',
    args: ['--influx-url=http://127.0.0.1:1'],
    line: 'Output influxdb needs more: set ',
  },
  { why: 'a file that is not there', args: ['--config=<folder>/none.yaml'], line: 'Cannot read ' },
  { why: 'a file that is no YAML', args: ['--config=<folder>/not-yaml.yaml'], line: 'Cannot read ' },
  {
    why: 'a kubeconfig that is not there',
    args: ['--source=kubernetes', '--kubeconfig=<folder>/none'],
    line: '',
  },
];

describe.concurrent('the program ends with 2 and one line', () => {
  test.for(refused)('for $why', async ({ args = [], env = {}, line }, { expect }) => {
    const child = spawn(process.execPath, [main, ...args.map((each) => each.replace('<folder>', folder))], {
      // Compiling the program costs more than running it.
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(tmpdir(), 'podgauge-golden-cache'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^podgauge: [^\n]+\n$/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(stderr.slice('podgauge: '.length, 'podgauge: '.length + line.length)).toBe(line);
  });
});
