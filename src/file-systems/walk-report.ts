/** Makes the report of what the walks have found. */
import type { ContainerFileSystems, PodFileSystems, Usage, VolumeUsage } from './report.ts';
import type { FileSystemSize } from './walk-request.ts';
import { layerTree, logTree, volumeTree } from './walk-trees.ts';
import type { PodFindings, Tree, WalkDirectories } from './walk-trees.ts';
import type { WalkedTree } from './walk.ts';

/** What one walk found, and when, in Unix milliseconds. */
export interface Measured {
  readonly at: number;
  readonly tree: WalkedTree;
  readonly size: FileSystemSize;
}

export function podReport(
  { pod, volumes }: PodFindings,
  directories: WalkDirectories,
  found: (tree: Tree) => Measured | undefined,
): PodFileSystems {
  const measured = (tree: Tree | undefined): Measured | undefined => (tree === undefined ? undefined : found(tree));
  const layers = pod.containers.map((container) => measured(layerTree(pod, container)));
  const logs = pod.containers.map((container) => measured(logTree(pod, container, directories)));
  const disks = volumes?.map((name) => measured(volumeTree(pod, name, directories)));
  const containers = pod.containers.map(({ name }, index): ContainerFileSystems => {
    return { name, rootfs: usageOf(layers[index]), logs: usageOf(logs[index]) };
  });
  return {
    uid: pod.uid,
    containers: containers.filter(({ rootfs, logs: log }) => rootfs !== undefined || log !== undefined),
    ephemeral: sumOf([...layers, ...logs, ...(disks ?? [undefined])]),
    volumes: (volumes ?? []).flatMap((name, index): VolumeUsage[] => {
      const usage = usageOf(disks?.[index]);
      return usage === undefined ? [] : [{ name, usage }];
    }),
  };
}

/** A file system as a whole, as the kubelet counts it: what root alone may use counts as used, and is not available. */
export function wholeUsage(size: FileSystemSize, at: number): Usage {
  const { capacityBytes, freeBytes, inodes, inodesFree } = size;
  const inodesUsed = inodes > 0 ? inodes - inodesFree : undefined;
  return { at, usedBytes: capacityBytes - freeBytes, inodesUsed, ...restOf(size) };
}

function usageOf(measured: Measured | undefined): Usage | undefined {
  if (measured === undefined) return undefined;
  const { at, tree, size } = measured;
  return { at, usedBytes: tree.bytes, inodesUsed: tree.inodes, ...restOf(size) };
}

function restOf({ availableBytes, capacityBytes, inodes, inodesFree }: FileSystemSize): Omit<Usage, 'at'> {
  if (inodes === 0) return { availableBytes, capacityBytes };
  return { availableBytes, capacityBytes, inodesFree, inodes };
}

/** The sum of what is on disk, at the time of its last part; `undefined` where a part is not known. */
function sumOf(parts: readonly (Measured | undefined)[]): Usage | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length || known.length === 0) return undefined;
  const onDisk = known.filter(({ size }) => !size.inMemory);
  let usedBytes = 0;
  let inodesUsed = 0;
  for (const { tree } of onDisk) {
    usedBytes += tree.bytes;
    inodesUsed += tree.inodes;
  }
  return { at: Math.max(...known.map(({ at }) => at)), usedBytes, inodesUsed };
}
