/**
 * How the kubelet and the runtimes name cgroups, as pure rules.
 *
 * The kubelet (kubernetes: pkg/kubelet/cm, `cgroup_manager_linux.go` and `pod_container_manager_linux.go`) makes `kubepods`,
 * in it one parent for `burstable` and one for `besteffort`, and in these, or for Guaranteed in `kubepods` itself, `pod<UID>`.
 * With the systemd driver each part has its `-` turned into `_`, the parts are joined by `-`, and `.slice` follows.
 */
import type { QosClass } from '../model.ts';

/** An id of 64 hex digits, maybe behind the name of the runtime, and with systemd in a scope. */
const containerName = /^(?:(?<runtime>[a-z][a-z_-]*)[-_])?(?<id>[0-9a-f]{64})(?:\.scope)?$/;

/**
 * containerd without its `SystemdCgroup` option, below a kubelet that uses systemd, takes the `<slice>:cri-containerd:<id>` it
 * is told for a literal name, and makes that below its own service (containerd: internal/cri/server/helpers.go).
 */
const strayName = /^(?<slice>[^/:]+\.slice):[a-z-]+:(?<id>[0-9a-f]{64})$/;

const transientName =
  /^run-(?:r[0-9a-f]{32}|[up]?\d+(?:-i\d+)?)\.(?:scope|service)$|@\d+-(?:(?:\d+(?:_\d+)?-)?[^-]+:\d+-[^-]+:\d+|\d+(?:_\d+)?-\d+)\.service$/;

const qosOfParent: ReadonlyMap<string, QosClass> = new Map([
  ['kubepods', 'Guaranteed'],
  ['burstable', 'Burstable'],
  ['besteffort', 'BestEffort'],
]);

/** Whether a directory is the root of a kubelet's pods: `kubepods`, with a prefix for a `--cgroup-root` below systemd. */
export function isPodsRoot(name: string): boolean {
  return lastPart(name) === 'kubepods';
}

/** Whether a directory of a pods' root is the parent of the pods of one QoS class. */
export function isQosParent(name: string): boolean {
  const part = lastPart(name);
  return part === 'burstable' || part === 'besteffort';
}

/**
 * The UID in the name of a pod's directory; `undefined` where it is none. A static manifest may carry any string as its UID, so
 * any is taken. In the name of a slice `_` is read as `-`, as the kubelet does: which of them the UID had is lost there.
 */
export function podUidOf(directoryName: string): string | undefined {
  const part = lastPart(directoryName);
  if (!part.startsWith('pod') || part === 'pod') return undefined;
  return isSlice(directoryName) ? dashed(part.slice(3)) : part.slice(3);
}

/** The form of a UID that no driver can change. Two UIDs that differ in `_` and `-` alone have one form. */
export function dashed(uid: string): string {
  return uid.replaceAll('_', '-');
}

/** The id of the container, or of the sandbox, whose directory it is; `undefined` where it is none's. */
export function containerIdOf(directoryName: string): string | undefined {
  if (isIgnored(directoryName)) return undefined;
  return (containerName.exec(directoryName) ?? strayName.exec(directoryName))?.groups?.['id'];
}

/** A container's directory outside of its pod's, by the mismatch of drivers above. */
export interface Stray {
  readonly id: string;
  readonly uid: string;
  /** Where systemd keeps the pod's slice: `/kubepods.slice/kubepods-pod….slice`. */
  readonly podPath: string;
}

export function strayOf(directoryName: string): Stray | undefined {
  const { slice, id } = strayName.exec(directoryName)?.groups ?? {};
  if (slice === undefined || id === undefined) return undefined;
  const uid = podUidOf(slice);
  return uid === undefined ? undefined : { id, uid, podPath: pathOfSlice(slice) };
}

/**
 * Whether a directory must not be taken for a container: systemd makes one without numbers for each `.mount` beside that of the
 * container (cAdvisor: lib/container/crio/factory.go), and CRI-O one for its monitor, conmon.
 */
export function isIgnored(directoryName: string): boolean {
  return (
    directoryName.endsWith('.mount') || containerName.exec(directoryName)?.groups?.['runtime']?.endsWith('conmon') === true
  );
}

/**
 * Whether a name is of one run alone: systemd-run makes up such (also for the kubelet's mounts), by a random number, a count or a process
 * (systemd: src/run/run.c), and for each connection to a socket systemd counts an instance (systemd.socket(5), Accept=).
 */
export function isTransient(directoryName: string): boolean {
  return transientName.test(directoryName);
}

/** The QoS class by which the kubelet placed a pod, from the path of the pod's own directory. */
export function qosOf(podPath: string): QosClass {
  return qosOfParent.get(lastPart(podPath.split('/').at(-2) ?? '')) ?? 'unknown';
}

/** `a-b-c.slice` lies in `a-b.slice`, which lies in `a.slice` (systemd.slice(5)). */
function pathOfSlice(slice: string): string {
  const parts = slice.slice(0, -'.slice'.length).split('-');
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}

function isSlice(name: string): boolean {
  return name.endsWith('.slice');
}

/** The part of a slice's name that is its own: behind the names of its parents. Other names have one part. */
function lastPart(name: string): string {
  if (!isSlice(name)) return name;
  const stem = name.slice(0, -'.slice'.length);
  return stem.slice(stem.lastIndexOf('-') + 1);
}
