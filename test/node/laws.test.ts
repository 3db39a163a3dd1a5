/**
 * What no point may ever say, whatever happens on the node: pods of all kinds come and go for five minutes, or for as long as
 * PODGAUGE_SOAK_MINUTES says, and every point is held against the laws. User Mode Linux has no pressure stall information, and the
 * kubelet of the tests sets no limit of processes: those laws are only tested on points that were made up.
 */
import { expect, test } from 'vitest';
import { startCluster } from '../servers/cluster/cluster.ts';
import { createCgroupEnds, followCgroups } from '../support/laws/cgroup-ends.ts';
import { churn, endChurn, startResidents } from '../support/laws/churn.ts';
import { createCycles } from '../support/laws/cycles.ts';
import { startWholeAgent } from '../support/laws/law-agent.ts';
import { createPodLives, followPods } from '../support/laws/pod-lives.ts';
import { startReceiver } from '../support/laws/receiver.ts';
import { createMemoryCourse, keptAt } from '../support/laws/upkeep.ts';
import { createWatchCourse } from '../support/laws/watch-course.ts';
import { reportOf, watchPoints } from '../support/laws/watched-points.ts';
import { until } from '../support/until.ts';

const minutes = Number(process.env['PODGAUGE_SOAK_MINUTES'] ?? 5);
const periodMs = 2000;

const physics = {
  // The worker's one processor is one of this machine's, which others use too. Its kernel counts by a tick of 10 ms.
  pauseMs: 500,
  // MEMCG_CHARGE_BATCH pages on its one processor: https://elixir.bootlin.com/linux/v6.1/source/mm/memcontrol.c
  chargedAhead: 64 * 4096,
};

/** What has points however slow the node is: a law over points that are not there holds of itself. */
const expected = [
  ...['k8s_container', 'k8s_container_info', 'k8s_container_io', 'k8s_node', 'k8s_node_network', 'k8s_system'],
  ...['k8s_pod', 'k8s_pod_info', 'k8s_pod_io', 'k8s_pod_network', 'podgauge_collector', 'podgauge_series'],
];

test(`the laws hold over ${minutes} minutes of churn`, { timeout: (minutes * 60 + 900) * 1000 }, async () => {
  const [lives, ends, course, watch] = [createPodLives(), createCgroupEnds(), createMemoryCourse(), createWatchCourse()];
  const points = watchPoints({ lives, ends, periodMs, physics });
  const take = createCycles((cycle) => {
    points.take(cycle);
    course.take(cycle.beat);
    watch.take(cycle.beat);
  });
  await using receiver = await startReceiver(take);
  await using cluster = await startCluster({ hostPorts: [receiver.port] });
  const [following, making] = [new AbortController(), new AbortController()];
  const followed = followPods(cluster.api, lives, following.signal);
  await followCgroups(cluster.worker, ends);

  // The last minute is for them to go.
  const timer = setTimeout(() => making.abort(), (minutes - 1) * 60_000);
  const agent = await startWholeAgent(cluster, receiver.port, `${periodMs}ms`);
  const untilCycles = (count: number) =>
    until(`${count} cycles`, () => points.cycles >= count, { describe: () => agent.stderr.join('\n') });

  try {
    await untilCycles(3);
    const before = keptAt(points.last);
    await startResidents(cluster);
    console.log((await churn(cluster, making.signal)).join('\n'));
    await endChurn(cluster);
    const describe = () => `${keptAt(points.last)} is not ${before}`;
    await until('all to be let go of', () => keptAt(points.last) === before, { seconds: 120, describe });
    // The last points are judged when all is known of their time.
    await untilCycles(points.cycles + 4);
  } finally {
    clearTimeout(timer);
    following.abort();
    console.log(
      [
        `${points.points} points of ${points.series} series in ${points.cycles} cycles`,
        `${lives.came} pods came, ${lives.went} went; ${ends.count} cgroups were removed`,
        `resident memory by tenths of the time: ${course.tenths().join(', ')} MiB; kept in the end: ${keptAt(points.last)}`,
        Array.from(points.measurements, ([name, count]) => `${name} ${count}`).join(', '),
        reportOf(points.verdicts()),
        ...watch.lines(),
        ...agent.stderr,
      ].join('\n'),
    );
  }

  agent.kill('TERM');
  const { code, stderr } = await agent.ended();
  await followed;
  const tenths = course.tenths();
  expect([...points.measurements.keys()]).toEqual(expect.arrayContaining(expected));
  expect(receiver.errors).toEqual([]);
  expect(code, stderr).toBe(0);
  expect(
    points.verdicts().filter(({ broken }) => broken > 0),
    [...watch.lines(), stderr].join('\n'),
  ).toEqual([]);
  expect(tenths[9], 'resident memory in the end, against that after the start').toBeLessThan((tenths[2] ?? 0) + 8);
});
