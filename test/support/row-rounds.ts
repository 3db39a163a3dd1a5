/**
 * What the program says of one pod and its node, on real cgroups, between two looks at what the kernel says: for every row of the
 * metric table.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Measurement } from '../../src/metrics/measurements.ts';
import { rowsOf } from '../../src/metrics/table.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { startAgent } from './agent-process.ts';
import { isToldBesideCgroup } from './checked-rows.ts';
import { devicesIn, kernelValue, pageSizes } from './kernel-values.ts';
import type { Asked, KernelValue } from './kernel-values.ts';
import { isOfInterface, nodeValue } from './node-values.ts';
import type { AskedOfNode } from './node-values.ts';
import { realCgroup } from './real-cgroup.ts';
import { nameOf, neverNear } from './row-results.ts';
import type { Result, Seen } from './row-results.ts';

/** A pod with one container. */
export interface RowScene {
  readonly version: 1 | 2;
  /** Where the cgroups are mounted. */
  readonly root: string;
  readonly uid: string;
  readonly podPath: string;
  readonly containerId: string;
  readonly containerPath: string;
  /** The node's end of the pod's own network; none where it has none. */
  readonly peer?: string;
}

/** Rounds at least, and at most: an average goes up and down between two looks on a busy machine. */
const [fewest, most] = [3, 12];

/** As many rounds as it takes for each gauge to be found near what the kernel says, if it is at all. */
export async function rowRounds(scene: RowScene): Promise<Result[][]> {
  const rounds: Result[][] = [];
  while (rounds.length < fewest || (rounds.length < most && neverNear(rounds).length > 0)) rounds.push(await rowRound(scene));
  return rounds;
}

/** What the kernel says, what the program says, and what the kernel says then. */
async function rowRound(scene: RowScene): Promise<Result[]> {
  const before = look(scene);
  // However slow the machine is, no pod is left out.
  const args = ['once', '--source', 'cgroup', '--node-name', 'rows', '--cgroup-root', scene.root, '--shutdown-timeout', '100s'];
  await using agent = await startAgent({ args });
  const code = await agent.ended();
  if (code !== 0) throw new Error(`The agent ended with ${code}: ${JSON.stringify(agent.log)}`);
  const after = new Map(look(scene).map((seen) => [nameOf(seen), seen.value]));
  const points = agent.output.map(parseLine);
  return before.map((seen) => {
    const point = points.find((each) => isOf(each, seen));
    return { ...seen, after: after.get(nameOf(seen)), written: point?.fields[seen.row.field] };
  });
}

function isOf({ measurement, tags }: Point, seen: Seen): boolean {
  return measurement === seen.measurement && Object.entries(seen.tags).every(([name, value]) => tags[name] === value);
}

/** All rows of the container, its pod and the node, as the kernel has them now. */
function look(scene: RowScene): Seen[] {
  const { version, root, containerId, uid } = scene;
  const [container, own] = [scene.containerPath, scene.podPath].map((path) => realCgroup({ version, root, path }));
  if (container === undefined || own === undefined) return [];
  const tags = { pod: uid };
  const inside: AskedOfNode = { proc: () => undefined, process: (file) => textOf(`/proc/${container.pids()[0]}/${file}`) };
  const slice = `/${scene.podPath.split('/')[1]}`;
  return [
    ...ofCgroup('k8s_container', { container: containerId }, container.snapshot()),
    ...ofCgroup('k8s_pod', tags, own.snapshot()),
    ...ofParts('k8s_container', { container: containerId }, container.snapshot()),
    ...ofParts('k8s_pod', tags, own.snapshot()),
    ...ofNode(realCgroup({ version, root, path: '' }).snapshot()),
    ...ofCgroup('k8s_system', { slice: slice.slice(1) }, realCgroup({ version, root, path: slice }).snapshot()),
    ...(scene.peer === undefined ? [] : ofNetwork(tags, inside, scene.peer)),
  ];
}

function ofCgroup(measurement: Measurement, tags: Seen['tags'], asked: Asked): Seen[] {
  const rows = rowsIn(measurement).filter((row) => row.v1 !== undefined || row.v2 !== undefined);
  return rows.map((row) => ({ row, measurement, tags, value: kernelValue(row, asked) }));
}

/** Of each disk, and each size of huge pages that is limited. */
function ofParts(level: 'k8s_container' | 'k8s_pod', tags: Seen['tags'], asked: Asked): Seen[] {
  const disks = devicesIn(asked).flatMap((device) =>
    ofCgroup(`${level}_io`, { ...tags, device: nameOfDevice(device) }, { ...asked, device }),
  );
  const sizes = pageSizes(asked).flatMap((pageSize) =>
    ofCgroup(`${level}_hugetlb`, { ...tags, page_size: pageSize }, { ...asked, pageSize }),
  );
  return [...disks, ...sizes];
}

/** The root cgroup is more exact, where it has the same. */
function ofNode(root: Asked): Seen[] {
  return rowsIn('k8s_node').flatMap((row) => {
    const value = kernelValue(row, root) ?? usageOfNode(row, root);
    return value === undefined ? seenOfNode(row, 'k8s_node', {}, node) : [{ row, measurement: 'k8s_node', tags: {}, value }];
  });
}

/** The root of cgroup v2 has no memory.current: as the kubelet has it, it is what is anonymous and what is cache. */
function usageOfNode({ field }: TableRow, root: Asked): KernelValue | undefined {
  if (root.version === 1 || field !== 'memory_usage_bytes') return undefined;
  const parts = rowsIn('k8s_node').filter((row) => row.field === 'memory_rss_bytes' || row.field === 'memory_cache_bytes');
  const [one, other] = parts.map((row) => kernelValue(row, root) ?? nodeValue(row, node));
  return typeof one === 'bigint' && typeof other === 'bigint' ? one + other : undefined;
}

/** Of the pod's network, and of the node's end of it. */
function ofNetwork(tags: Seen['tags'], inside: AskedOfNode, peer: string): Seen[] {
  return [
    ...rowsIn('k8s_pod').flatMap((row) => seenOfNode(row, 'k8s_pod', tags, inside)),
    ...ofInterface('k8s_pod_network', { ...tags, interface: 'eth0' }, { ...inside, interface: 'eth0' }),
    ...ofInterface('k8s_node_network', { interface: peer }, { ...node, interface: peer }),
  ];
}

function ofInterface(measurement: Measurement, tags: Seen['tags'], asked: AskedOfNode): Seen[] {
  const rows = rowsIn(measurement).filter(({ field }) => isOfInterface(field));
  return rows.map((row) => ({ row, measurement, tags, value: nodeValue(row, asked) }));
}

function seenOfNode(row: TableRow, measurement: Measurement, tags: Seen['tags'], asked: AskedOfNode): Seen[] {
  return isToldBesideCgroup(row, measurement) ? [{ row, measurement, tags, value: nodeValue(row, asked) }] : [];
}

const node: AskedOfNode = { proc: (file) => textOf(`/proc/${file}`), process: (file) => textOf(`/proc/1/${file}`) };

function rowsIn(measurement: Measurement): readonly TableRow[] {
  return rowsOf(measurement);
}

function nameOfDevice(numbers: string): string {
  const rows = readFileSync('/proc/diskstats', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows.find(([major, minor]) => `${major}:${minor}` === numbers)?.[2] ?? numbers;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // This kernel has none.
    return undefined;
  }
}

export interface Coverage {
  /** One line to be printed. */
  readonly summary: string;
  /** Rows that the kernel had no value for in any round, by the measurement and what they would have come from. */
  readonly unchecked: readonly Place[];
  readonly moving: number;
}

interface Place {
  readonly row: TableRow;
  readonly measurement: Measurement;
  readonly origin: string;
}

/** Measurements whose every row the rounds look at, but what two readings are needed for, or the API server. */
const covered = [
  ...(['k8s_container', 'k8s_pod', 'k8s_system', 'k8s_node', 'k8s_container_io', 'k8s_pod_io'] as const),
  ...(['k8s_container_hugetlb', 'k8s_pod_hugetlb', 'k8s_pod_network', 'k8s_node_network'] as const),
];

function placesOf(version: 1 | 2): Place[] {
  return covered.flatMap((measurement) =>
    rowsIn(measurement).flatMap((row) => {
      const origin = (version === 1 ? row.v1 : row.v2) ?? (isToldBesideCgroup(row, measurement) ? row.source : undefined);
      return origin === undefined ? [] : [{ row, measurement, origin }];
    }),
  );
}

/** Which of the rows that a file of the kernel decides on were seen with a value, each in each measurement. */
export function coverageOf(results: readonly Result[], { version, root }: RowScene): Coverage {
  const places = placesOf(version);
  const seen = results.filter(({ value }) => value !== undefined);
  const ofPlace = ({ row, measurement }: Place): Result[] =>
    seen.filter((result) => result.row === row && result.measurement === measurement);
  const unchecked = places.filter((place) => ofPlace(place).length === 0);
  const moving = places.filter((place) => ofPlace(place).some(({ value }) => value !== 0n && value !== 0)).length;
  const missing = [...Map.groupBy(unchecked, ({ origin }) => origin)].map(([origin, all]) => `${origin} (${all.length})`);
  const summary =
    `Linux ${release()}, cgroup v${version} at ${root}: ${places.length - unchecked.length} of ${places.length} rows checked, ` +
    `each in each measurement, ${moving} with a value other than 0; not there: ${missing.join(', ') || 'none'}`;
  return { summary, unchecked, moving };
}

/** Whether a row came with a later kernel than this one. */
export function isNewer({ since }: TableRow): boolean {
  const number = (text: string): number => {
    const [major, minor] = text.split('.').map(Number);
    return (major ?? 0) * 1000 + (minor ?? 0);
  };
  return since !== undefined && number(since) > number(release());
}
