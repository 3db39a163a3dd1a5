/**
 * Plays API server and kubelet for pods that are killed for memory, on the real cgroups of this machine: the kernel does the killing,
 * and the statuses tell of it afterwards, as a kubelet's do.
 */
import { once } from 'node:events';
import { rmdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { containerId } from './bound-pods.ts';
import type { CgroupHost, RealContainer } from './cgroup-host.ts';
import { podList, scriptedApi } from './scripted-api.ts';
import type { Step } from './scripted-api.ts';

/** `single`: its one process is killed. `multi`: its children are, each by itself. `group`: all of it at once (cgroup v2). */
export type Death = 'single' | 'multi' | 'group';

export interface DoomedPod {
  readonly name: string;
  readonly path: string;
  /** Starts a container, and tells the API server of it. */
  run(name: string, command: readonly string[]): Promise<RunningContainer>;
  /** Starts a container that is killed, and tells the API server when it has ended; resolves with the milliseconds that it lived. */
  kill(name: string, death: Death): Promise<number>;
  /** Kills as the kernel counts them in the pod's own cgroup (cgroup v2): of processes, or of groups. */
  kernelCount(key: 'oom_kill' | 'oom_group_kill'): number;
  /** Ends it and removes its cgroups; resolves with the Unix time of that in milliseconds. Its object stays. */
  end(): Promise<number>;
}

export interface RunningContainer {
  readonly path: string;
  /** Ends it; its cgroup stays. */
  end(): Promise<void>;
  /** Removes its cgroup, and tells the API server. */
  remove(): Promise<void>;
}

export interface DoomedPods extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the nth watch, from 1, has begun. */
  watched(nth: number): Promise<void>;
  start(name: string): Promise<DoomedPod>;
}

const image = 'test.local/doomed:1';
const memoryLimit = 4 * 1024 * 1024;
const eat = 'tail /dev/zero';
const commands: Readonly<Record<Death, readonly string[]>> = {
  single: eat.split(' '),
  multi: ['/bin/sh', '-c', `${eat} & ${eat} & wait`],
  group: ['/bin/sh', '-c', `sleep 0.1; ${eat} & ${eat} & wait`],
};
const root = '/sys/fs/cgroup';

interface PodObject {
  readonly metadata: { readonly uid: string; readonly name: string; readonly namespace: string; resourceVersion: string };
  readonly spec: object;
  status: object;
}

export async function doomedPods(host: CgroupHost, node: string): Promise<DoomedPods> {
  const api = await scriptedApi();
  const objects = new Map<string, PodObject>();
  const watches: ServerResponse[] = [];
  let version = 1;

  const answer: Step = (response, request) => {
    if (request.query['watch'] === undefined) return podList(String(version), ...objects.values())(response, request);
    response.writeHead(200).flushHeaders();
    return watches.push(response);
  };
  api.script(...Array.from({ length: 100 }, () => answer));

  function tell(type: 'ADDED' | 'MODIFIED', object: PodObject): void {
    version += 1;
    object.metadata.resourceVersion = String(version);
    objects.set(object.metadata.uid, object);
    for (const watch of watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }

  async function removeCgroup(path: string): Promise<void> {
    const hierarchies = host.version === 2 ? [''] : ['cpu', 'cpuacct', 'memory', 'pids'];
    for (const hierarchy of hierarchies) await removeDirectory(join(root, hierarchy, path));
  }

  return {
    url: api.url,
    async watched(nth) {
      while (watches.length < nth) await setTimeout(20);
    },
    async start(name) {
      const uid = `00000000-0000-4000-8000-${String(objects.size).padStart(12, '0')}`;
      const statuses = new Map<string, object>();
      const object: PodObject = {
        metadata: { uid, name, namespace: 'default', resourceVersion: '' },
        spec: { nodeName: node, restartPolicy: 'Never', containers: [{ name: 'c0', image }] },
        status: { phase: 'Pending', qosClass: 'Burstable' },
      };
      tell('ADDED', object);
      const sandbox = { name: 'sandbox', id: containerId(uid, 'sandbox'), command: ['/bin/sleep', '3600'] };
      const pod = host.makePod({ uid, qos: 'Burstable', containers: [sandbox] });

      function start(container: string, command: readonly string[], limit?: number): RealContainer {
        const spec = {
          name: container,
          id: containerId(uid, container),
          command,
          ...(limit !== undefined && { memoryLimit: limit }),
        };
        const [made] = host.makePod({ uid, qos: 'Burstable', containers: [spec] }).containers;
        if (made === undefined) throw new Error('No container was made');
        return made;
      }

      function report({ name: container, id }: RealContainer, state: object): void {
        statuses.set(container, { name: container, containerID: `containerd://${id}`, image, restartCount: 0, state });
        tell('MODIFIED', {
          ...object,
          status: { phase: 'Running', qosClass: 'Burstable', containerStatuses: [...statuses.values()] },
        });
      }

      return {
        name,
        path: pod.path,
        async run(container, command) {
          const made = start(container, command);
          report(made, { running: { startedAt: now() } });
          return {
            path: made.path,
            async end() {
              const exit = exitOf(made);
              made.process?.kill('SIGKILL');
              await exit;
            },
            async remove() {
              await removeCgroup(made.path);
              report(made, {
                terminated: { exitCode: 137, reason: 'Error', finishedAt: now(), containerID: `containerd://${made.id}` },
              });
            },
          };
        },
        async kill(container, death) {
          const [startedAt, begun] = [now(), performance.now()];
          const made = start(container, commands[death], memoryLimit);
          if (death === 'group' && host.version === 2) writeFileSync(join(root, made.path, 'memory.oom.group'), '1');
          await exitOf(made);
          const lived = performance.now() - begun;
          const file = host.version === 2 ? 'memory.events' : 'memory.oom_control';
          if (countIn(host.read('memory', made.path, file), 'oom_kill') === 0)
            throw new Error(`${made.path} was not killed for memory`);
          await removeCgroup(made.path);
          const end = { exitCode: 137, reason: 'OOMKilled', startedAt, finishedAt: now() };
          report(made, { terminated: { ...end, containerID: `containerd://${made.id}` } });
          return lived;
        },
        kernelCount: (key) => countIn(host.read('memory', pod.path, 'memory.events'), key),
        async end() {
          await host.removePod(pod);
          return Date.now();
        },
      };
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** As a kubelet writes it: in whole seconds. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function countIn(text: string, key: string): number {
  return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1]);
}

async function exitOf({ process }: RealContainer): Promise<void> {
  if (process !== undefined && process.exitCode === null && process.signalCode === null) await once(process, 'exit');
}

/** What was killed with others may not have gone yet. */
async function removeDirectory(directory: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await setTimeout(10);
    }
  }
}
