import { copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { runInUml } from '../servers/uml.ts';
import { bundle } from '../support/bundle.ts';

const root = join(import.meta.dirname, '../..');

/** As much of the report of vitest's reporter `json` as matters here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

test('kills for memory are counted exactly on cgroup v2, and last numbers kept', async () => {
  await using folder = await createScratchFolder('oom');
  const file = (name: string) => join(folder.path, name);
  await copyFile(await bundle(), file('podgauge.mjs'));

  const { stdout, stderr } = await runInUml({
    program: process.execPath,
    args: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      // Vitest would write a copy of its configuration into node_modules, which is read-only in there.
      ...['run', '--configLoader=native', '--project=integration', 'test/integration/oom.test.ts'],
      ...['--reporter=json', '--reporter=verbose', `--outputFile=${file('report.json')}`],
    ],
    cwd: root,
    env: {
      // The agent's first line asks for a `node`.
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      // It brings its own server, and so none has to be made.
      PODGAUGE_TEST_REMOTES: 'none',
      PODGAUGE_TEST_PROGRAM: file('podgauge.mjs'),
    },
    writable: [folder.path],
    memory: '2G',
    timeoutMs: 240_000,
  });

  const report: Report = JSON.parse(await readFile(file('report.json'), 'utf8').catch(() => '{"testResults":[]}'));
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const trouble = [...report.testResults.map(({ message }) => message), stdout, stderr].join('\n');
  const failed = tests.filter(({ status }) => status !== 'passed').map(({ title, status }) => `${status}: ${title}`);
  expect(failed, trouble).toEqual([]);
  const titles = tests.map(({ title }) => title);
  expect(titles, trouble).toContain('the kills reported of each pod are those that the kernel did');
});
