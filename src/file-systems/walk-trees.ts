/** Which directory trees of a pod take disk space. */

/** A pod whose file systems are walked. */
export interface WalkPod {
  /** The UID that the kubelet runs it under: `Pod.cgroupUid`. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Those that run. */
  readonly containers: readonly WalkContainer[];
}

export interface WalkContainer {
  readonly name: string;
  /** Of any of its processes that has the container's root for its own; absent where none is known. */
  readonly pid?: number | undefined;
}

export interface WalkDirectories {
  /** The kubelet's `--root-dir`: `/var/lib/kubelet`. */
  readonly kubelet: string;
  /** The kubelet's `podLogsDir`: `/var/log/pods`. */
  readonly logs: string;
}

export interface Tree {
  /** The same for as long as it is the same tree: another run of a container has another layer. */
  readonly key: string;
  /** Its pod's UID. */
  readonly owner: string;
  /** What it is, for people. */
  readonly what: string;
  readonly of: string | number;
  readonly isLog: boolean;
}

export interface PodFindings {
  readonly pod: WalkPod;
  /** Its `emptyDir` volumes; `undefined` where they are not known. */
  readonly volumes: readonly string[] | undefined;
}

/** As the kubelet names an `emptyDir` volume's plugin in paths. */
export const emptyDir = 'kubernetes.io~empty-dir';

export function layerTree({ uid }: WalkPod, { name, pid }: WalkContainer): Tree | undefined {
  return tree(uid, `layer/${name}/${pid}`, `writable layer of container ${name}`, pid);
}

export function logTree({ uid, ...pod }: WalkPod, { name }: WalkContainer, { logs }: WalkDirectories): Tree | undefined {
  const path = below(logs, `${pod.namespace}_${pod.name}_${uid}`, name);
  const log = tree(uid, `log/${name}`, `log of container ${name}`, path);
  return log === undefined ? undefined : { ...log, isLog: true };
}

export function volumeTree({ uid }: WalkPod, name: string, { kubelet }: WalkDirectories): Tree | undefined {
  return tree(uid, `volume/${name}`, `volume ${name}`, below(kubelet, 'pods', uid, 'volumes', emptyDir, name));
}

/** Where the kubelet keeps a pod's volumes, by plugin. */
export function volumesTree({ uid }: WalkPod, { kubelet }: WalkDirectories): Tree | undefined {
  return tree(uid, 'volumes', 'list of volumes', below(kubelet, 'pods', uid, 'volumes'));
}

/** All that is walked of a pod. */
export function treesOf({ pod, volumes }: PodFindings, directories: WalkDirectories): readonly Tree[] {
  const trees = [
    ...pod.containers.map((container) => layerTree(pod, container)),
    ...pod.containers.map((container) => logTree(pod, container, directories)),
    ...(volumes ?? []).map((name) => volumeTree(pod, name, directories)),
  ];
  return trees.filter((each) => each !== undefined);
}

/** The node's own directories, without which pods have nothing below them. */
export function kubeletTree({ kubelet }: WalkDirectories): Tree {
  return { key: '', owner: '', what: "kubelet's directory", of: kubelet, isLog: false };
}

export function logsTree({ logs }: WalkDirectories): Tree {
  return { key: '', owner: '', what: 'directory of logs', of: logs, isLog: false };
}

function tree(uid: string, key: string, what: string, of: string | number | undefined): Tree | undefined {
  return of === undefined ? undefined : { key: `${uid}/${key}`, owner: uid, what, of, isLog: false };
}

/** `undefined` where a name would lead elsewhere: the API server lets no such name pass, but a captured or false one may. */
function below(directory: string, ...names: readonly string[]): string | undefined {
  const strange = names.some((name) => name === '' || name === '.' || name === '..' || /[/\0]/.test(name));
  return strange ? undefined : [directory, ...names].join('/');
}
