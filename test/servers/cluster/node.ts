/** Makes a worker a node: containerd with the images of the tests, and a kubelet that joins the cluster. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensure } from '../build.ts';
import { findCommand, lastLines, run } from '../command.ts';
import { createScratchFolder } from '../service.ts';
import type { Authority } from './authority.ts';
import type { RunningJob } from './channel.ts';
import { writeImage } from './image.ts';
import { containerdConfig, kubeletConfig, networkConfig, sandboxImage, type NodeChoices } from './node-config.ts';
import { workerAddress, type Worker, type WorkerOptions } from './worker.ts';

export interface NodeOptions extends NodeChoices {
  readonly worker: Worker;
  readonly init: WorkerOptions['init'];
  /** The worker's, on the host. */
  readonly folder: string;
  readonly authority: Authority;
  /** Text of the kubelet's. */
  readonly kubeconfig: string;
  /** Pods that the kubelet runs of itself, by file. */
  readonly staticPods: readonly object[];
}

export const nodeName = 'worker';
const podNetwork = '10.88.0.0/16';
export const toolsImage = 'test.local/tools:1';

export interface Node {
  /** The end of what containerd and the kubelet said. */
  logs(): string;
  /** Brings an archive of the worker's into containerd. */
  importImage(file: string): Promise<void>;
  /** Where there is no init: kills it and starts it again, whether it is ready or not. */
  restart(daemon: 'containerd' | 'kubelet'): Promise<void>;
  /** Takes the power from its machine and starts it again, as far as the kubelet runs; `meanwhile` is done without power. */
  reboot(meanwhile?: () => Promise<void>): Promise<void>;
}

/** As far as the kubelet runs: whether the node becomes ready, the API server tells. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const { worker, init } = options;
  const kubeletProgram = await ensure('kubelet');
  await writeFiles(options);

  async function startContainerd(): Promise<RunningJob> {
    const job = await worker.start({
      under: service('containerd', init),
      program: 'containerd',
      args: ['--config', '/run/podgauge/containerd.toml'],
    });
    await untilItAnswers(worker, job);
    return job;
  }

  function startKubelet(): Promise<RunningJob> {
    const flags = {
      config: '/run/podgauge/kubelet.json',
      kubeconfig: '/run/podgauge/kubelet.kubeconfig',
      'hostname-override': nodeName,
      'node-ip': workerAddress,
    };
    return worker.start({
      under: service('kubelet', init),
      program: kubeletProgram,
      args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    });
  }

  async function importImage(file: string): Promise<void> {
    const imported = await worker.run('ctr', '--namespace', 'k8s.io', 'images', 'import', file);
    if (imported.code !== 0) throw new Error(`the image was not imported: ${imported.stderr}`);
  }

  async function startBus(): Promise<void> {
    if (init === 'systemd')
      await worker.run('systemctl', '--job-mode=ignore-dependencies', 'start', 'dbus.socket', 'dbus.service');
  }

  await startBus();
  let containerd = await startContainerd();
  await importImage('/run/podgauge/tools.tar');
  let kubelet = await startKubelet();

  async function end(job: RunningJob): Promise<void> {
    if (init !== 'none') throw new Error('who is a service of systemd is ended by it');
    job.kill('KILL');
    await job.ended();
  }

  return {
    logs: () => [containerd, kubelet].map(({ stderr }) => lastLines(stderr.join('\n'), 20)).join('\n\n'),
    importImage,
    async restart(daemon) {
      if (daemon === 'containerd') {
        await end(containerd);
        containerd = await startContainerd();
      } else {
        await end(kubelet);
        kubelet = await startKubelet();
      }
    },
    async reboot(meanwhile) {
      await worker.reboot(meanwhile);
      await startBus();
      containerd = await startContainerd();
      kubelet = await startKubelet();
    },
  };
}

/** What makes a program a service of this name, where there is who does. */
function service(name: string, init: WorkerOptions['init']): readonly string[] {
  if (init === 'none') return [];
  // Without its dependencies: those of a host, which has more to start. Who is stopped leaves the containers alone.
  const properties = ['DefaultDependencies=no', 'Delegate=yes', 'KillMode=process'].map((one) => `--property=${one}`);
  return ['systemd-run', '--quiet', '--pipe', '--wait', `--unit=${name}`, '--setenv=PATH', '--setenv=HOME', ...properties];
}

async function writeFiles({ folder, authority, kubeconfig, staticPods, ...choices }: NodeOptions): Promise<void> {
  const write = (name: string, content: string | object) =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  for (const name of ['cni', 'static-pods']) await mkdir(join(folder, name));
  await write('containerd.toml', containerdConfig(choices));
  await write('cni/pods.conflist', networkConfig(podNetwork));
  await write('kubelet.json', kubeletConfig(choices));
  await write('kubelet.kubeconfig', kubeconfig);
  for (const [i, pod] of staticPods.entries()) await write(`static-pods/${i}.json`, pod);
  const { certificate, key } = await authority.issue('kubelet', `/CN=${nodeName}`, `IP:${workerAddress},DNS:${nodeName}`);
  for (const [from, to] of [
    [authority.file, 'authority.crt'],
    [certificate, 'kubelet.crt'],
    [key, 'kubelet.key'],
  ] as const)
    await copyFile(from, join(folder, to));
  await writeToolsImage(join(folder, 'tools.tar'));
}

/** What all pods of the tests are made of. */
async function writeToolsImage(file: string): Promise<void> {
  await using scratch = await createScratchFolder('load');
  const load = join(scratch.path, 'load');
  await run('gcc', ['-O1', '-static', '-o', load, join(import.meta.dirname, '../../node/load.c')]);
  const busybox = findCommand('busybox') ?? '';
  const applets = (await run(busybox, ['--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  await writeImage(file, {
    // By its name a sandbox is told from a container.
    commands: { [toolsImage]: ['/bin/load', 'wait'], [sandboxImage]: ['/bin/pause', 'wait'] },
    files: { 'bin/busybox': busybox, 'bin/load': load },
    links: { 'bin/pause': 'load', ...Object.fromEntries(applets.map((name) => [`bin/${name}`, 'busybox'])) },
  });
}

async function untilItAnswers(worker: Worker, containerd: RunningJob): Promise<void> {
  const deadline = AbortSignal.timeout(180_000);
  while ((await worker.run('ctr', 'version')).code !== 0) {
    if (deadline.aborted) throw new Error(`containerd does not answer: ${lastLines(containerd.stderr.join('\n'), 20)}`);
    await sleep(100);
  }
}
