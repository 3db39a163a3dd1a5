import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { runInUml } from '../servers/uml.ts';
import { bundle } from '../support/bundle.ts';
import { startRemotes } from '../support/remotes.ts';

const root = join(import.meta.dirname, '../..');

/** As much of the report of vitest's reporter `json` as matters here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

test('all that holds the whole way on this host holds on cgroup v2', async () => {
  await using remotes = await startRemotes();
  await using folder = await createScratchFolder('cgroup-v2');
  const file = (name: string) => join(folder.path, name);
  await writeFile(file('remotes.json'), JSON.stringify(remotes.access));
  await copyFile(await bundle(), file('podgauge.mjs'));

  const { stdout, stderr } = await runInUml({
    program: process.execPath,
    args: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      // Vitest would write a copy of its configuration into node_modules, which is read-only in there.
      ...['run', '--configLoader=native', '--project=integration', 'test/integration/whole-way.test.ts'],
      ...['--reporter=json', '--reporter=verbose', `--outputFile=${file('report.json')}`],
    ],
    cwd: root,
    env: {
      // The agent's first line asks for a `node`.
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      PODGAUGE_TEST_REMOTES: file('remotes.json'),
      PODGAUGE_TEST_PROGRAM: file('podgauge.mjs'),
    },
    writable: [folder.path],
    modules: ['veth'],
    hostPorts: [remotes.access.api.url, remotes.access.influx.url].map((url) => Number(new URL(url).port)),
    memory: '2G',
    timeoutMs: 500_000,
  });

  const report: Report = JSON.parse(await readFile(file('report.json'), 'utf8').catch(() => '{"testResults":[]}'));
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const trouble = [...report.testResults.map(({ message }) => message), stdout, stderr].join('\n');
  const failed = tests.filter(({ status }) => status !== 'passed').map(({ title, status }) => `${status}: ${title}`);
  expect(failed, trouble).toEqual([]);
  const titles = tests.map(({ title }) => title);
  expect(titles, trouble).toContain('knows which kind of cgroups the host has');
});
