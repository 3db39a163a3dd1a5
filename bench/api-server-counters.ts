/** What a kube-apiserver says it did: its own /metrics, its audit log, and the CPU time of its process. */
import { readFileSync } from 'node:fs';
import type { ApiServer } from '../test/servers/api-server.ts';
import type { AuditedRequest } from '../test/servers/audit-log.ts';

/** Sums since its start. */
interface Counters {
  /** Of the lists of pods, the reads of nodes and the events of watches of pods. */
  readonly listBytes: number;
  /** Pods that were looked at for lists out of the index. */
  readonly lookedAt: number;
  readonly nodeBytes: number;
  readonly events: number;
  readonly eventBytes: number;
  /** Requests that it turned away or let wait because there were too many. */
  readonly turnedAway: number;
  readonly waitedSeconds: number;
}

/** Of one stretch of time. */
export interface Usage extends Counters {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** All but the admin's. */
  readonly requests: readonly AuditedRequest[];
  /** What its heap held after the last collection of garbage, and its stacks, at the end. */
  readonly memoryMib: number;
}

const ticksPerSecond = 100;

/** Runs `during` and tells what the server did meanwhile. Asking it is not counted. */
export async function usageDuring(server: ApiServer, during: () => Promise<void>): Promise<Usage> {
  const requestsBefore = (await server.requests()).length;
  const before = countersIn(await server.api.text('/metrics'));
  const cpuBefore = cpuSeconds(server.pid());
  const startedAt = performance.now();
  await during();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(server.pid()) - cpuBefore;
  const text = await server.api.text('/metrics');
  const requests = (await server.requests()).slice(requestsBefore);
  return { ...less(countersIn(text), before), seconds, cpuSeconds: cpu, requests, memoryMib: memoryMibIn(text) };
}

function countersIn(text: string): Counters {
  return {
    listBytes: sumOf(text, 'apiserver_response_sizes_sum', ['resource="pods"', 'verb="LIST"']),
    lookedAt: sumOf(text, 'apiserver_cache_list_fetched_objects_total', ['index="f:spec.nodeName"', 'resource="pods"']),
    nodeBytes: sumOf(text, 'apiserver_response_sizes_sum', ['resource="nodes"', 'verb="GET"']),
    events: sumOf(text, 'apiserver_watch_events_total', ['resource="pods"']),
    eventBytes: sumOf(text, 'apiserver_watch_events_sizes_sum', ['resource="pods"']),
    turnedAway: sumOf(text, 'apiserver_flowcontrol_rejected_requests_total', []),
    waitedSeconds: sumOf(text, 'apiserver_flowcontrol_request_wait_duration_seconds_sum', ['execute="true"']),
  };
}

function less(after: Counters, before: Counters): Counters {
  return {
    listBytes: after.listBytes - before.listBytes,
    lookedAt: after.lookedAt - before.lookedAt,
    nodeBytes: after.nodeBytes - before.nodeBytes,
    events: after.events - before.events,
    eventBytes: after.eventBytes - before.eventBytes,
    turnedAway: after.turnedAway - before.turnedAway,
    waitedSeconds: after.waitedSeconds - before.waitedSeconds,
  };
}

/** Of all series of that name which have all of these labels; none is 0. */
function sumOf(text: string, name: string, labels: readonly string[]): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) || !labels.every((label) => line.includes(label))) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function memoryMibIn(text: string): number {
  const [heap = Number.NaN, stacks = Number.NaN] = ['go_gc_heap_live_bytes', 'go_memory_classes_heap_stacks_bytes'].map(
    (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]),
  );
  return (heap + stacks) / 2 ** 20;
}
