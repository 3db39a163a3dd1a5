import { eventsOf, perSecond, sentBytes } from './scale-derived.ts';
import { bytes, group, milli } from './scale-format.ts';
import type { ScaleMeasured } from './scale.ts';

/** Seconds: a watch is asked for anew (src/watch/reflector.ts), a node read (src/watch/node.ts), pods listed all the same, a bookmark sent. */
const watchEvery = 450;
const nodeEvery = 300;
const listEvery = 2700;
const bookmarkEvery = 60;
/** Seconds. What is taken for a busy cluster: each pod lives for a day, changes eight times in its life and once an hour besides. */
const podLife = 86_400;
const changesOfLife = 8;
const changeEvery = 3600;
const atOnce = 0.1;

/** The load of that many nodes on all API servers together, by what was measured for one, with each step of the sum. */
export function sumFor(nodes: number, measured: ScaleMeasured): string[] {
  const { agents, podsEach, periodMs, podBytes, alone, idle, restart } = measured;
  const pods = nodes * podsEach;
  const idleCpu = (perSecond(idle) - perSecond(alone)) / agents;
  const restartCpu = (restart.cpuSeconds - perSecond(alone) * restart.seconds) / agents;
  const restartBytes = sentBytes(restart) / agents;
  const { bytes: eventBytes } = eventsOf(measured);
  const events = (pods * changesOfLife) / podLife + pods / changeEvery;
  const window = periodMs / 1000;
  const listBytes = podsEach * podBytes;
  const n = group(nodes);
  const burst = (what: string, count: number) => [
    `${what}: ${group(count)} in the ${window} s of a period`,
    `${group(count)} ÷ ${window} s`,
    `${group(count / window)} lists, ${group(count / window)} watches and ${group(count / window)} reads of nodes a second, for ${window} s; ` +
      `${bytes((count * restartBytes) / window)}/s, ${milli((count * restartCpu) / window)}`,
  ];
  const rows = [
    ['open watches', n, n],
    ['watches asked for anew', `${n} ÷ ${watchEvery} s`, `${(nodes / watchEvery).toFixed(1)} a second`],
    ['reads of a node', `${n} ÷ ${nodeEvery} s`, `${(nodes / nodeEvery).toFixed(1)} a second`],
    [
      'lists',
      `${n} ÷ ${group(listEvery)} s × ${bytes(listBytes)}`,
      `${(nodes / listEvery).toFixed(1)} a second, ${bytes((nodes / listEvery) * listBytes)}/s`,
    ],
    ['bookmarks', `${n} ÷ ${bookmarkEvery} s`, `${(nodes / bookmarkEvery).toFixed(0)} a second`],
    ['all of that but the lists: CPU', `${n} × ${(idleCpu * 1e6).toFixed(0)} µcores`, milli(nodes * idleCpu)],
    [
      'changes of pods',
      `${group(pods)} × (${changesOfLife} ÷ ${group(podLife)} s + 1 ÷ ${group(changeEvery)} s) × ${bytes(eventBytes)}`,
      `${events.toFixed(0)} events a second, ${bytes(events * eventBytes)}/s`,
    ],
    burst(`a rollout with \`maxUnavailable: ${atOnce * 100}%\``, nodes * atOnce),
    burst('all started at once, after a blackout', nodes),
  ];
  return [
    `For ${n} nodes of ${podsEach} pods:`,
    '',
    '| | sum | on all API servers together |',
    '|--|--|--|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ];
}
