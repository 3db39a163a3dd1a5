import type { AuditedRequest } from '../test/servers/audit-log.ts';
import { measuredNow } from './document.ts';
import type { Usage } from './api-server-counters.ts';
import type { ScaleMeasured } from './scale.ts';
import { eventsOf, perSecond, sentBytes } from './scale-derived.ts';
import { bytes, group, milli, seconds } from './scale-format.ts';
import { sumFor } from './scale-sum.ts';

/** The text of docs/scale.md between its marks: what was measured, and the sum for 5,000 nodes. */
export function scaleReport(measured: ScaleMeasured): string {
  const { agents, podsEach, podBytes, alone, idle, restart } = measured;
  const idleCpu = perSecond(idle) - perSecond(alone);
  const restartCpu = restart.cpuSeconds - perSecond(alone) * restart.seconds;
  const lines = [
    `${measuredNow()}; kube-apiserver with its defaults and an audit log of metadata, ${agents} nodes of ${podsEach} pods. ` +
      `A pod of them has ${bytes(podBytes)} in a list, and ${bytes(eventsOf(measured).bytes)} in an event of a watch.`,
    '',
    `| | the server | for each of ${agents} agents |`,
    '|--|--|--|',
    row(`alone, ${seconds(alone.seconds)}, a pod changed every 10 s: CPU`, milli(perSecond(alone)), '–'),
    row(
      `the same with agents, ${seconds(idle.seconds)}: CPU`,
      milli(perSecond(idle)),
      `${((idleCpu / agents) * 1e6).toFixed(0)} µcores`,
    ),
    row('– requests', countsOf(idle.requests), `one in ${seconds((agents * idle.seconds) / idle.requests.length)}`),
    row('– lists', String(countOf(idle.requests, 'list')), ''),
    row(
      '– events of watches, most of them bookmarks',
      group(idle.events),
      `${((idle.events / agents / idle.seconds) * 60).toFixed(2)} a minute`,
    ),
    row('– bytes sent', bytes(sentBytes(idle)), `${(sentBytes(idle) / agents / idle.seconds).toFixed(0)} B/s`),
    row(
      '– memory, more than alone',
      mib(idle.memoryMib - alone.memoryMib),
      bytes(((idle.memoryMib - alone.memoryMib) / agents) * 2 ** 20),
    ),
    row('all killed and started at once: CPU', `${restartCpu.toFixed(2)} s`, `${((restartCpu / agents) * 1e3).toFixed(1)} ms`),
    row('– requests', countsOf(restart.requests), (restart.requests.length / agents).toFixed(2)),
    row('– bytes sent', bytes(sentBytes(restart)), bytes(sentBytes(restart) / agents)),
    row('– most requests within a second', String(busiestSecond(restart.requests)), ''),
    row('– an answer to a list: median, slowest', latencies(restart.requests), ''),
    row('– pods looked at for the lists', group(restart.lookedAt), (restart.lookedAt / agents).toFixed(1)),
    row(
      '– turned away; waited for a turn, all together',
      `${restart.turnedAway}; ${seconds(restart.waitedSeconds)}`,
      seconds(restart.waitedSeconds / agents),
    ),
    ...serverRestartRows(measured),
    ...churnRows(measured),
    '',
    `The ${agents} first lists of that start, by the second: ${firstLists(restart.requests)}.`,
    '',
    ...sumFor(5000, measured),
  ];
  return lines.join('\n');
}

function serverRestartRows({ agents, serverRestart, awaySeconds }: ScaleMeasured): string[] {
  const lists = countOf(serverRestart, 'list');
  const first = Math.min(...serverRestart.map(({ cameAt }) => cameAt));
  const last = Math.max(...serverRestart.filter(({ verb }) => verb === 'watch').map(({ cameAt }) => cameAt));
  return [
    row(
      `the server killed, back after ${seconds(awaySeconds)}: requests`,
      countsOf(serverRestart),
      (serverRestart.length / agents).toFixed(2),
    ),
    row('– of them lists: from those whose last bookmark is older than what it knows', String(lists), ''),
    row('– most requests within a second', String(busiestSecond(serverRestart)), ''),
    row('– from the first request to the last watch', seconds((last - first) / 1000), ''),
  ];
}

function churnRows(measured: ScaleMeasured): string[] {
  const { churn, churnAlone, agents, podsEach } = measured;
  const perChange = ({ cpuSeconds }: Usage) => `${((cpuSeconds / agents / podsEach) * 1e3).toFixed(2)} ms a change`;
  return [
    row('every pod changed, and told to its agent: CPU', `${churn.cpuSeconds.toFixed(1)} s`, perChange(churn)),
    row('– with nobody watching', `${churnAlone.cpuSeconds.toFixed(1)} s`, perChange(churnAlone)),
    row('– events for agents', group(eventsOf(measured).count), ''),
  ];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function countOf(requests: readonly AuditedRequest[], verb: string): number {
  return requests.filter((request) => request.verb === verb).length;
}

function countsOf(requests: readonly AuditedRequest[]): string {
  const verbs = ['list', 'watch', 'get'].map((verb) => `${countOf(requests, verb)} ${verb}`);
  return `${requests.length} (${verbs.join(', ')})`;
}

function busiestSecond(requests: readonly AuditedRequest[]): number {
  const times = requests.map(({ cameAt }) => cameAt).toSorted((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [to, time] of times.entries()) {
    while (time - (times[from] ?? 0) >= 1000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

function latencies(requests: readonly AuditedRequest[]): string {
  const lists = requests.filter(({ verb }) => verb === 'list');
  const sorted = lists.map(({ cameAt, answeredAt }) => answeredAt - cameAt).toSorted((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]} ms, ${sorted.at(-1)} ms`;
}

function firstLists(requests: readonly AuditedRequest[]): string {
  const times = requests.filter(({ verb }) => verb === 'list').map(({ cameAt }) => cameAt);
  const first = Math.min(...times);
  const slots: number[] = [];
  for (const time of times) {
    const slot = Math.floor((time - first) / 1000);
    slots[slot] = (slots[slot] ?? 0) + 1;
  }
  return Array.from(slots, (count = 0) => count).join(', ');
}

function mib(count: number): string {
  return `${count.toFixed(count < 10 ? 2 : 0)} MiB`;
}
