/** Whether what runs is written: which series there should be, since when each could be, and when each was first. */
import type { ApiObject } from '../../servers/api-client.ts';
import { until } from '../until.ts';
import type { Beats } from './beats.ts';

/** Name of a series → the Unix time (milliseconds) from which on it has something to be written of. */
export type Series = ReadonlyMap<string, number>;

interface Status {
  readonly name: string;
  readonly containerID?: string;
  readonly state: { readonly running?: { readonly startedAt: string } };
}

function statusesOf({ status }: ApiObject): readonly Status[] {
  const lists = [status?.['initContainerStatuses'], status?.['containerStatuses']];
  return lists.flatMap((list: unknown): readonly Status[] => (Array.isArray(list) ? list : []));
}

/** Of containers that run, their own cgroup, and of their pod its cgroup and its network where it has one. */
export function runningSeries(pods: readonly ApiObject[]): Series {
  return new Map(
    pods.flatMap((pod) => {
      const { name } = pod.metadata;
      const running = statusesOf(pod).flatMap((status) => {
        const { startedAt } = status.state.running ?? {};
        return startedAt === undefined ? [] : [[`k8s_container ${name} ${status.name}`, Date.parse(startedAt)] as const];
      });
      if (running.length === 0) return [];
      const first = Math.min(...running.map(([, startedAt]) => startedAt));
      const network = pod.spec?.['hostNetwork'] === true ? [] : [[`k8s_pod_network ${name}`, first] as const];
      return [[`k8s_pod ${name}`, first] as const, ...network, ...running];
    }),
  );
}

/** Ids of the containers that run, or ran last. */
export function containerIds(pods: readonly ApiObject[]): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => statusesOf(pod).flatMap(({ containerID }) => containerID ?? [])));
}

/** Resolves when all of them have a point after a moment, with the time (milliseconds) of the first of each. */
export async function firstPoints(beats: Beats, after: number, wanted: readonly string[]): Promise<Series> {
  let first: Series = new Map();
  const missing = () => wanted.filter((series) => !first.has(series));
  await until(
    `points after ${new Date(after).toISOString()} of all that runs`,
    async () => {
      const rows = await beats.points(after, '(r._field == "cpu_usage_core_nanoseconds" or r._field == "rx_bytes")', 'first()');
      first = new Map(
        rows.map(({ _measurement, _time, pod, container }) => [
          [_measurement, pod, container].filter((part) => part !== undefined && part !== '').join(' '),
          Date.parse(String(_time)),
        ]),
      );
      return missing().length === 0;
    },
    { seconds: 300, describe: () => `of these there are none: ${missing().join(', ')}` },
  );
  return first;
}
