/**
 * A kernel may have the files of pressure and read none of them: booted without `psi=1`, CentOS Stream 9 answers with EOPNOTSUPP. No
 * kernel at hand does so for pressure, but each does it for the processes of a threaded cgroup (Documentation/admin-guide/cgroup-v2.rst,
 * "Threads"). Such a file lies in the place of a pod's `cpu.pressure`, for the program alone.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { removeCgroup } from '../support/remove-cgroup.ts';
import { until } from '../support/until.ts';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';

const root = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';
const own = `${root}/podgauge-pressure`;
const [without, other] = ['6d0c31f4-57a3-4b2c-9d7e-0a54e6b7c101', '6d0c31f4-57a3-4b2c-9d7e-0a54e6b7c102'];
const threaded = `${own}/domain/threaded`;

const parts = new AsyncDisposableStack();
let agent: AgentProcess;

beforeAll(async () => {
  parts.defer(() => removeCgroup(own));
  mkdirSync(threaded, { recursive: true });
  for (const uid of [without, other]) mkdirSync(directoryOf(uid), { recursive: true });
  writeFileSync(`${threaded}/cgroup.type`, 'threaded');
  const script = `mount --bind '${threaded}/cgroup.procs' '${directoryOf(without)}/cpu.pressure' && exec "$@"`;
  agent = parts.use(
    await startAgent({
      args: ['--source', 'cgroup', '--cgroup-root', own, '--node-name', 'n', '--collectors', 'pressure', '--period', '300ms'],
      under: ['unshare', '--mount', '/bin/sh', '-c', script, 'sh'],
    }),
  );
  await until('ten cycles', () => pointsOf('podgauge').length >= 10, { describe: () => JSON.stringify(agent.log) });
  await agent.stop();
});

afterAll(() => parts.disposeAsync());

function directoryOf(uid: string): string {
  return `${own}/kubepods/pod${uid}`;
}

function pointsOf(measurement: string, pod?: string): Point[] {
  const points = agent.output.map(parseLine);
  return points.filter((point) => point.measurement === measurement && (pod === undefined || point.tags['pod'] === pod));
}

function resourcesIn(points: readonly Point[]): Set<string> {
  const names = points.flatMap(({ fields }) => Object.keys(fields));
  return new Set(names.flatMap((name) => /^(\w+?)_pressure_/.exec(name)?.[1] ?? []));
}

test('the file is one that opens and cannot be read', () => {
  expect(() => readFileSync(`${threaded}/cgroup.procs`)).toThrow(/^ENOTSUP: .*read/);
});

test('what it would have told is absent, and all else is there', () => {
  expect(resourcesIn(pointsOf('k8s_pod', without))).toEqual(new Set(['memory', 'io']));
  expect(resourcesIn(pointsOf('k8s_pod', other))).toEqual(new Set(['cpu', 'memory', 'io']));
});

test('it is no failure: nothing is counted or logged', () => {
  const counts = { files_denied: 0n, files_gone: 0n, lines_malformed: 0n };
  expect(pointsOf('podgauge').at(-1)?.fields).toMatchObject(counts);
  expect(agent.complaints).toEqual([]);
});
