import { beforeAll, expect, test } from 'vitest';
import { runTestsInUml } from '../support/tests-in-uml.ts';
import type { UmlTests } from '../support/tests-in-uml.ts';

const files = ['every-row', 'known-causes'].map((name) => `test/integration/${name}.test.ts`);
let tests: UmlTests;

beforeAll(async () => {
  tests = await runTestsInUml(files, { modules: ['veth', 'brd', 'zram'] });
  process.stdout.write(`${/^Linux .* rows checked.*$/m.exec(tests.trouble)?.[0]}\n`);
});

test('on cgroup v2 each row that the kernel has a file for is what the file says, and known causes have their effect', () => {
  expect(tests.failed, tests.trouble).toEqual([]);
});

test.each([
  'what the kernel does not say is not written',
  'a loop under a quota of 200 m uses 200 m, and shows the share of its periods in which it was throttled',
  'a file of 64 MiB that is read once is in the cache and not in the working set; read twice it is in both',
  '10,000 datagrams over a quiet veth raise the counters of the pod by what its peer counted',
])('among them: %s', (title) => {
  expect(tests.titles, tests.trouble).toContain(title);
});
