/** A golden case as a test of single values needs it: its points, and whose cgroup each of them tells of. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { archivedFiles } from './archived-files.ts';
import { isBeside } from './kernel-values.ts';
import type { Asked, ReadCgroupFile } from './kernel-values.ts';

export interface GoldenCase {
  readonly version: 1 | 2;
  readonly points: readonly Point[];
  /** How to read the cgroup that a point tells of; `undefined` where it tells of none, or that one cannot be told. */
  cgroupOf(point: Point): Asked | undefined;
  podOf(point: Point): ApiPod | undefined;
  /** The text of a file below /proc. */
  proc(file: string): string | undefined;
  /** The text of a file of a process in the pod that a point tells of, unless that is on the node's network, or of the node's first. */
  process(point: Point, file: string): string | undefined;
}

/** As much of a pod as names its cgroups and its state. */
export interface ApiPod {
  readonly metadata?: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly containers?: readonly (ApiContainerSpec | null)[];
    readonly initContainers?: readonly (ApiContainerSpec | null)[];
  };
  readonly status?: {
    readonly containerStatuses?: readonly (ApiContainer | null)[];
    readonly initContainerStatuses?: readonly (ApiContainer | null)[];
    readonly ephemeralContainerStatuses?: readonly (ApiContainer | null)[];
  };
}

const root = 'sys/fs/cgroup';

interface ApiContainerSpec {
  readonly name: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

interface ApiContainer {
  readonly name: string;
  readonly containerID?: string;
}

export async function openGoldenCase(folder: string): Promise<GoldenCase> {
  const host = archivedFiles(await readFile(join(folder, 'host.txt'), 'utf8'));
  // A new case has none yet, which golden.test.ts says.
  const expected = await readFile(join(folder, 'expected.lp'), 'utf8').catch(() => '');
  const lines = expected.split('\n').filter((line) => line !== '');
  const list: { readonly items: readonly (ApiPod | null)[] } = JSON.parse(await readFile(join(folder, 'pods.json'), 'utf8'));
  // Some cases have items that are no pods.
  const items = list.items.filter((item) => item !== null);
  const version = host.text(`${root}/cgroup.controllers`) === undefined ? 1 : 2;
  const paths = host.directoriesBelow(mountOf('memory.stat') ?? mountOf('cpu.stat') ?? root);

  function mountOf(file: string): string | undefined {
    if (version === 2) return root;
    if (isBeside(file)) return `${root}/unified`;
    const controller = file.slice(0, file.indexOf('.'));
    return host
      .childrenOf(root)
      .map((name) => `${root}/${name}`)
      .find((path) => basename(path).split(',').includes(controller));
  }

  function readerOf(path: string): ReadCgroupFile {
    return (file) => {
      const mount = mountOf(file);
      return mount === undefined ? undefined : host.text(`${mount}${path}/${file}`);
    };
  }

  function numbersOf(device: string): string {
    const rows = (host.text('proc/diskstats') ?? '').split('\n').map((line) => line.trim().split(/\s+/));
    const [major, minor] = rows.find((row) => row[2] === device) ?? [];
    return major === undefined ? device : `${major}:${minor}`;
  }

  /** By what each process says of its cgroup itself. */
  function pidIn(pod: ApiPod | undefined, file: string): string | undefined {
    if (pod?.metadata === undefined || pod.spec?.hostNetwork === true) return undefined;
    const words = [...uidsOf(pod.metadata), ...idsOf(pod).values()];
    const pids = host.childrenOf('proc').filter((name) => /^\d+$/.test(name));
    const oldestFirst = pids.toSorted((a, b) => Number(a) - Number(b));
    return oldestFirst.find((pid) => {
      const cgroups = host.text(`proc/${pid}/cgroup`) ?? '';
      return words.some((word) => cgroups.includes(word)) && host.text(`proc/${pid}/${file}`) !== undefined;
    });
  }

  function podOf({ tags }: Point): ApiPod | undefined {
    return items.find(({ metadata }) => metadata?.name === tags['pod'] && metadata?.namespace === tags['namespace']);
  }

  function pathOf(point: Point): string | undefined {
    const { measurement, tags } = point;
    if (measurement === 'k8s_node') return '';
    if (measurement === 'k8s_system') return tags['slice'] === '/' ? '' : `/${tags['slice']}`;
    const pod = tags['pod'] === undefined ? undefined : podOf(point);
    if (pod?.metadata === undefined) return undefined;
    const ids = idsOf(pod);
    if (tags['container'] !== undefined) return pathNamed(paths, [ids.get(tags['container']) ?? '-']);
    const path = pathNamed(paths, uidsOf(pod.metadata));
    // Where the runtime puts its containers elsewhere, the pod's own cgroup tells nothing.
    const isOwn = path !== undefined && [...ids.values()].some((id) => pathNamed(paths, [id])?.startsWith(`${path}/`));
    return isOwn ? path : undefined;
  }

  return {
    version,
    points: lines.map((line) => parseLine(`${line} 0`)),
    podOf,
    cgroupOf(point) {
      const path = pathOf(point);
      if (path === undefined) return undefined;
      const { device, page_size: pageSize = '<size>' } = point.tags;
      const numbers = device === undefined ? {} : { device: numbersOf(device) };
      return { version, read: readerOf(path), above: ancestorsOf(path).map(readerOf), pageSize, ...numbers };
    },
    proc: (file) => host.text(`proc/${file}`),
    process(point, file) {
      const pid = point.tags['pod'] === undefined ? '1' : pidIn(podOf(point), file);
      return host.text(`proc/${pid}/${file}`);
    },
  };
}

/** As the directories of both drivers write it. */
function uidsOf({ uid, annotations }: NonNullable<ApiPod['metadata']>): readonly string[] {
  const own = annotations?.['kubernetes.io/config.hash'] ?? uid;
  return [own, own.replaceAll('-', '_')];
}

/** Container → its id. */
function idsOf({ status }: ApiPod): ReadonlyMap<string, string> {
  const lists = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses];
  const all = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  const ids = all.map((one): readonly [string, string] => [String(one?.name), String(one?.containerID).split('://')[1] ?? '-']);
  return new Map(ids.filter(([, id]) => id !== '-'));
}

/** The cgroup nearest to the root that one of the words is in the name of; not the one of its monitor. */
function pathNamed(paths: readonly string[], words: readonly string[]): string | undefined {
  return paths
    .filter((path) => words.some((word) => basename(path).includes(word)) && !path.includes('conmon'))
    .toSorted((a, b) => a.length - b.length)[0];
}

function ancestorsOf(path: string): readonly string[] {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return parent === '' ? [] : [parent, ...ancestorsOf(parent)];
}
