import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createScratchFolder } from '../servers/service.ts';
import { runInUml } from '../servers/uml.ts';
import { bundle } from './bundle.ts';
import type { RemoteAccess } from './remotes.ts';

/** As much of the report of vitest's reporter `json` as matters here. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

export interface UmlTests {
  readonly titles: readonly string[];
  /** Those that did not pass, with their status. */
  readonly failed: readonly string[];
  /** All that was printed, to be quoted. */
  readonly trouble: string;
}

const root = join(import.meta.dirname, '../..');

export interface UmlTestsOptions {
  readonly modules: readonly string[];
  /** The servers that the tests use: ports of this machine. */
  readonly remotes: RemoteAccess;
}

/** Runs files of integration tests on a kernel of its own, as root, on cgroup v2. */
export async function runTestsInUml(files: readonly string[], { modules, remotes }: UmlTestsOptions): Promise<UmlTests> {
  await using folder = await createScratchFolder('tests-in-uml');
  const program = join(folder.path, 'podgauge.mjs');
  await copyFile(await bundle(), program);
  const report = join(folder.path, 'report.json');
  const access = join(folder.path, 'remotes.json');
  await writeFile(access, JSON.stringify(remotes));
  const { stdout, stderr } = await runInUml({
    program: process.execPath,
    args: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      // Vitest would write a copy of its configuration into node_modules, which is read-only in there.
      ...['run', '--configLoader=native', '--project=integration', ...files],
      ...['--reporter=json', '--reporter=verbose', `--outputFile=${report}`],
    ],
    cwd: root,
    env: {
      // The agent's first line asks for a `node`.
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      PODGAUGE_TEST_REMOTES: access,
      PODGAUGE_TEST_PROGRAM: program,
    },
    writable: [folder.path],
    modules,
    hostPorts: [remotes.api.url, remotes.influx.url].map((url) => Number(new URL(url).port)),
    memory: '2G',
    timeoutMs: 1_500_000,
  });
  const { testResults }: Report = JSON.parse(await readFile(report, 'utf8').catch(() => '{"testResults":[]}'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    titles: tests.map(({ title }) => title),
    failed: tests.filter(({ status }) => status !== 'passed').map(({ title, status }) => `${status}: ${title}`),
    trouble: [...testResults.map(({ message }) => message), stdout, stderr].join('\n'),
  };
}
