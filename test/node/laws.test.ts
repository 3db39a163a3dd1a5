/**
 * What no point may ever say, whatever happens on the node: pods of all kinds come and go for five minutes, or for as long as
 * PODGAUGE_SOAK_MINUTES says, and every point is held against the laws. User Mode Linux has no pressure stall information, and the
 * kubelet of the tests sets no limit of processes: those laws are only tested on points that were made up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCluster } from '../servers/cluster/cluster.ts';
import { createCgroupEnds, followCgroups } from '../support/laws/cgroup-ends.ts';
import { churn, endChurn, startResidents } from '../support/laws/churn.ts';
import { createCycles } from '../support/laws/cycles.ts';
import { startWholeAgent } from '../support/laws/law-agent.ts';
import { createPodLives, followPods } from '../support/laws/pod-lives.ts';
import { startReceiver } from '../support/laws/receiver.ts';
import { createMemoryCourse, keepsNoMarkOfPods, keptAt } from '../support/laws/upkeep.ts';
import { amount } from '../support/laws/law.ts';
import { createMarks, makeMarkedPod } from '../support/laws/marks.ts';
import { createPauses, followPauses } from '../support/laws/pauses.ts';
import { createWatchCourse } from '../support/laws/watch-course.ts';
import { reportOf, watchPoints } from '../support/laws/watched-points.ts';
import { until } from '../support/until.ts';

const minutes = Number(process.env['PODGAUGE_SOAK_MINUTES'] ?? 5);
const periodMs = 2000;
/** Pods that come, and that go, however long the node takes for them. */
const leastPods = 4 * minutes;

const physics = {
  // Its kernel counts by a tick of 10 ms; pauses are seen from 70 ms on, and what of one is before and after a look is not.
  pauseMs: 250,
  // MEMCG_CHARGE_BATCH pages on its one processor: https://elixir.bootlin.com/linux/v6.1/source/mm/memcontrol.c
  chargedAhead: 64 * 4096,
};

/** What has points however slow the node is: a law over points that are not there holds of itself. */
const expected = [
  ...['k8s_container', 'k8s_container_info', 'k8s_container_io', 'k8s_node', 'k8s_node_network', 'k8s_system'],
  ...['k8s_pod', 'k8s_pod_info', 'k8s_pod_io', 'k8s_pod_network', 'podgauge_collector', 'podgauge_series'],
];

/** No node of the tests has anything that they could be held against. */
const unchecked = ['pressure within 0 to 100', 'pids ≤ limit'];

test(`the laws hold over ${minutes} minutes of churn`, { timeout: (minutes * 60 + 1800) * 1000 }, async () => {
  const [lives, ends, marks] = [createPodLives(), createCgroupEnds(), createMarks()];
  const [course, watch] = [createMemoryCourse(), createWatchCourse()];
  const pauses = createPauses();
  const points = watchPoints({ lives, marks, ends, physics: { ...physics, pauses } });
  const take = createCycles((cycle) => {
    points.take(cycle);
    course.take(cycle.beat);
    watch.take(cycle.beat);
  });
  await using receiver = await startReceiver(take, () => cluster.worker.clock());
  await using cluster = await startCluster({ hostPorts: [receiver.port] });
  const [following, making] = [new AbortController(), new AbortController()];
  await makeMarkedPod(cluster.api, cluster.nodeName);
  const followed = followPods(cluster.api, lives, following.signal, marks.see);
  await followCgroups(cluster.worker, ends);
  await followPauses(cluster.worker, pauses);
  const marked = marks.make(cluster.api, lives, following.signal);

  const agent = await startWholeAgent(cluster, receiver.port, `${periodMs}ms`);
  const untilCycles = (count: number) =>
    until(`${count} cycles`, () => points.cycles >= count, { describe: () => agent.stderr.join('\n') });

  try {
    await untilCycles(3);
    const isSettled = (): boolean =>
      ['pods', 'points_held'].every((name) => (amount(points.last, name) ?? 0) === 0) &&
      Number(amount(points.last, 'watch_starts')) > 0;
    await until('the marked pod to have ended', isSettled, { seconds: 300 });
    await untilCycles(points.cycles + 1);
    const before = keptAt(points.last);
    await startResidents(cluster);
    const churned = churn(cluster, making.signal);
    await sleep(minutes * 60_000);
    await until('enough pods to come and go', () => lives.came >= leastPods && lives.went >= leastPods, { seconds: 1200 });
    making.abort();
    console.log((await churned).join('\n'));
    await endChurn(cluster);
    const describe = () => `${keptAt(points.last)} is not ${before}`;
    const isLetGoOf = () => keptAt(points.last) === before && keepsNoMarkOfPods(points.last, agent.stderr);
    await until('all to be let go of', isLetGoOf, { seconds: 300, describe });
    // The last points are judged when all is known of their time.
    const { begun } = marks;
    await until('all to be told', () => marks.seen > begun);
    await untilCycles(points.cycles + 4);
  } finally {
    making.abort();
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
  await Promise.all([followed, marked]);
  const tenths = course.tenths();
  expect([...points.measurements.keys()]).toEqual(expect.arrayContaining(expected));
  expect(receiver.errors).toEqual([]);
  expect(code, stderr).toBe(0);
  const verdicts = points.verdicts();
  expect(verdicts.flatMap(({ law, checked }) => (checked === 0 ? [law] : [])).toSorted()).toEqual(unchecked.toSorted());
  expect(
    verdicts.filter(({ broken }) => broken > 0),
    [...watch.lines(), stderr].join('\n'),
  ).toEqual([]);
  expect(tenths[9], 'resident memory in the end, against that after the start').toBeLessThan((tenths[2] ?? 0) + 8);
});
