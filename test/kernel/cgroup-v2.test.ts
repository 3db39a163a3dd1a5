/** What the tests in test/integration show of this host, in a kernel of its own that has cgroup v2: one boot for all of them. */
import { beforeAll, expect, test } from 'vitest';
import { startRemotes } from '../support/remotes.ts';
import { runTestsInUml } from '../support/tests-in-uml.ts';
import type { UmlTests } from '../support/tests-in-uml.ts';

const files = ['every-row', 'known-causes', 'leaks', 'oom', 'whole-way'].map((name) => `test/integration/${name}.test.ts`);
let tests: UmlTests;

beforeAll(async () => {
  await using remotes = await startRemotes();
  tests = await runTestsInUml(files, { modules: ['veth', 'brd', 'zram', 'nf_conntrack'], remotes: remotes.access });
  process.stdout.write((tests.trouble.match(/^(?:Linux .* rows checked|killed: ).*\n/gm) ?? []).join(''));
});

test('all that holds on this host holds on cgroup v2', () => {
  expect(tests.failed, tests.trouble).toEqual([]);
});

test.each([
  'knows which kind of cgroups the host has',
  'writes what lies between two readings of the kernel',
  'what the kernel does not say is not written',
  'a loop under a quota of 200 m uses 200 m, and shows the share of its periods in which it was throttled',
  'a file of 64 MiB that is read once is in the cache and not in the working set; read twice it is in both',
  '10,000 datagrams over a quiet veth raise the counters of the pod by what its peer counted',
  'a hundred containers are killed within half a second of their start, and their pods removed',
  'the kills reported of each pod are those that the kernel did',
  'of pods that came and went while it watched, no descriptor and no watch is left',
])('among them: %s', (title) => {
  expect(tests.titles, tests.trouble).toContain(title);
});
