import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiObject } from '../servers/api-client.ts';
import type { RunningJob } from '../servers/cluster/channel.ts';
import type { Cluster } from '../servers/cluster/cluster.ts';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { bundle } from './bundle.ts';
import { until } from './until.ts';

export interface WorkerAgent {
  readonly job: RunningJob;
  /** Points that it printed so far, the heartbeats among them. */
  points(): Point[];
  /** Resolves when there is such a point. */
  until(what: string, condition: (points: readonly Point[]) => boolean): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
}

export interface WorkerAgentOptions {
  /** Of an account of the cluster. */
  readonly token: string;
  readonly args?: readonly string[];
  /** 19610, with no capability and no way to one, where absent. */
  readonly user?: number;
}

/** The bundled program in the worker, as its DaemonSet runs it: in the host's namespaces, with the least rights. */
export async function startAgentIn(cluster: Cluster, options: WorkerAgentOptions): Promise<WorkerAgent> {
  const { token, args = [], user = 19_610 } = options;
  await copyFile(await bundle(), join(cluster.folder, 'podgauge.mjs'));
  await writeFile(join(cluster.folder, 'agent.kubeconfig'), cluster.kubeconfig(token));
  const unprivileged = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
  const job = await cluster.worker.start({
    under: user === 0 ? [] : ['setpriv', ...unprivileged, '--inh-caps=-all'],
    program: '/run/podgauge/podgauge.mjs',
    args: [
      ...['run', '--source', 'kubernetes', '--kubeconfig', '/run/podgauge/agent.kubeconfig', '--output', 'stdout'],
      ...['--node-name', cluster.nodeName, '--listen', '127.0.0.1:0', ...args],
    ],
  });
  const points = () => job.stdout.map(parseLine);
  return {
    job,
    points,
    until: (what, condition) =>
      until(what, () => condition(points()), {
        describe: () => `${job.stderr.join('\n')}\n${job.stdout.slice(-20).join('\n')}`,
      }),
    async stop() {
      job.kill('TERM');
      return (await job.ended()).code;
    },
  };
}

/** The series of what runs of a pod, written as `wholeSeries` does. */
export function seriesOf({ metadata, spec, status }: ApiObject): string[] {
  const statuses = [status?.['initContainerStatuses'], status?.['containerStatuses']].flatMap((list) => list ?? []);
  const containers = statuses.flatMap((one) => (isRunning(one) ? [`k8s_container ${metadata.name} ${one.name}`] : []));
  return [...containers, ...(spec?.['hostNetwork'] === true ? [] : [`k8s_pod_network ${metadata.name} eth0`])];
}

/** Of containers and networks, those of which each value that every node has is there. */
export function wholeSeries(points: readonly Point[]): Set<string> {
  return new Set(
    points.flatMap(({ measurement, tags, fields }) => {
      const wanted = fieldsOfEach[measurement];
      if (wanted === undefined || wanted.some((field) => fields[field] === undefined)) return [];
      return [[measurement, tags['pod'], tags['container'] ?? tags['interface']].join(' ')];
    }),
  );
}

const fieldsOfEach: Readonly<Record<string, readonly string[]>> = {
  k8s_container: ['cpu_usage_core_nanoseconds', 'memory_usage_bytes'],
  k8s_pod_network: ['rx_bytes', 'tx_bytes'],
};

function isRunning(status: unknown): status is { readonly name: string } {
  return JSON.stringify(status).includes('"running"');
}
