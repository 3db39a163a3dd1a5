/**
 * Each case is a host, what the API says of its pods, and the points and complaints that the program must print for them:
 * see README.md. `UPDATE=1` takes what it prints for right.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { unpackHost } from '../support/archive.ts';
import { body, scriptedApi, watchThatStays } from '../support/scripted-api.ts';
import type { Step } from '../support/scripted-api.ts';

interface Printed {
  /** Line protocol without timestamps and without the heartbeat, which differ from run to run, sorted. */
  readonly points: readonly string[];
  /** The messages of all that was logged as a warning or worse, sorted. */
  readonly complaints: readonly string[];
}

const cases = join(import.meta.dirname, 'cases');
const main = join(import.meta.dirname, '../../src/main.ts');
/** Compiling the program costs more than running it. */
const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'podgauge-golden-cache') } as const;
const mostRequests = 10;
const quiet = ['debug', 'info'];
const most = { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 } as const;

test.each(readdirSync(cases))('%s says where it comes from', async (name) => {
  const origin = await readFile(join(cases, name, 'origin.md'), 'utf8');
  expect(origin).toMatch(/[Cc]aptured|[Cc]onstructed/);
});

describe.concurrent('the program prints the points of a host', { timeout: 120_000 }, () => {
  test.for(readdirSync(cases))('%s', async (name, { expect: expectOf }) => {
    const folder = join(cases, name);
    const printed = await collectOnce(folder);
    if (process.env['UPDATE'] === '1') await writeExpected(folder, printed);
    expectOf(printed).toEqual(await readExpected(folder));
  });
});

/** Runs the program on the host of a case, with an API server of its own. */
async function collectOnce(folder: string): Promise<Printed> {
  await using host = await unpackHost(join(folder, 'host.txt'));
  await using api = await scriptedApi();
  const list = body(await readFile(join(folder, 'pods.json'), 'utf8'));
  const watch = watchThatStays();
  // A request that was given up and made again, as on a busy machine, is answered too.
  // The node's own object is not in a case: it stays unread, which is no failure yet when the points are printed.
  const answer: Step = (response, request) => {
    if (request.path.startsWith('/api/v1/nodes/')) return;
    ('watch' in request.query ? watch : list)(response, request);
  };
  api.script(...Array.from({ length: mostRequests }, () => answer));
  const kubeconfig = join(host.path, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigOf(api.url));
  const extra: string[] = JSON.parse(await readFile(join(folder, 'args.json'), 'utf8'));
  const args = [
    ...[main, 'once', '--source', 'kubernetes', '--kubeconfig', kubeconfig, '--cluster-name', 'golden', '--output', 'stdout'],
    // However slow the machine is, no pod is left out.
    ...['--shutdown-timeout', '100s', '--proc-root', host.procRoot, '--cgroup-root', host.cgroupRoot, ...extra],
  ];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { ...most, env });
  return { points: pointsOf(stdout), complaints: complaintsOf(stderr, host.path) };
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'golden', cluster: { server } }],
    users: [{ name: 'golden', user: {} }],
    contexts: [{ name: 'golden', context: { cluster: 'golden', user: 'golden' } }],
    'current-context': 'golden',
  });
}

function pointsOf(stdout: string): readonly string[] {
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('podgauge'));
  return lines.map((line) => line.replace(/ \d+$/, '')).toSorted();
}

/** The host's temporary directory is left out of the messages. */
function complaintsOf(stderr: string, hostPath: string): readonly string[] {
  const logged: { readonly level: string; readonly msg: string }[] = stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return logged
    .filter(({ level }) => !quiet.includes(level))
    .map(({ msg }) => msg.replaceAll(hostPath, ''))
    .toSorted();
}

async function readExpected(folder: string): Promise<Printed> {
  return { points: await readLines(join(folder, 'expected.lp')), complaints: await readLines(join(folder, 'expected.err')) };
}

async function writeExpected(folder: string, { points, complaints }: Printed): Promise<void> {
  await writeFile(join(folder, 'expected.lp'), points.map((line) => `${line}\n`).join(''));
  await writeFile(join(folder, 'expected.err'), complaints.map((line) => `${line}\n`).join(''));
}

async function readLines(path: string): Promise<readonly string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1);
}
