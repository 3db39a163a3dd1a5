import { createHash } from 'node:crypto';
import type { Container, Pod, QosClass } from '../model.ts';
import { field, flag, list, parse, text } from './json.ts';
import { nameLimit, safeName } from './names.ts';

/** What the last run knew, in the form of a store: nothing of it changes. */
export interface SavedPods {
  snapshot(): ReadonlyMap<string, Pod>;
  /** The UIDs by which the cgroups of those pods are named that are left out. */
  leftOut(): ReadonlySet<string>;
}

/** What the pods of a file are true for. */
export interface SavedFor {
  readonly cluster: string;
  readonly node: string;
  /** Which pods were kept and which of their labels: with other ones, what is absent from the file may be there. */
  readonly selection: string;
  /** Of the host, from `/proc/sys/kernel/random/boot_id`; absent where it cannot be read. */
  readonly boot: string | undefined;
}

/** `other`: it is whole, but of another cluster, node or selection. */
export type Decoded =
  | { readonly kind: 'saved'; readonly saved: SavedPods }
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'corrupt'; readonly why: string };

/** Most bytes of a file: 20 times what 110 pods of five containers take. */
export const mostSavedBytes = 2 * 1024 * 1024;

const magic = 'podgauge-pods 1';
const header = new RegExp(`^${magic} ([0-9a-f]{64})\n`);
const headerBytes = magic.length + 66;
const states: readonly Container['state'][] = ['running', 'waiting', 'terminated', 'unknown'];
const qosClasses: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort', 'unknown'];

/**
 * The bytes of a file: a line with the format and the SHA-256 of all that follows, then JSON. Of a pod it holds what its points are
 * named by, and nothing that changes by itself: a phase, a restart or a request would be old when it is read. Pods that do not fit
 * are left out.
 */
export function encodeSavedPods(pods: Iterable<Pod>, leftOut: Iterable<string>, of: SavedFor): Buffer {
  const parts: string[] = [];
  let room = mostSavedBytes - headerBytes - Buffer.byteLength(JSON.stringify({ ...of, leftOut: [], pods: [] }));
  const fits = (part: string): boolean => {
    room -= Buffer.byteLength(part) + 1;
    return room >= 0;
  };
  for (const pod of pods) {
    const part = JSON.stringify(identityOf(pod));
    if (!fits(part)) break;
    parts.push(part);
  }
  const others = Array.from(leftOut).filter((uid) => fits(JSON.stringify(uid)));
  const body = `${JSON.stringify({ ...of, leftOut: others }).slice(0, -1)},"pods":[${parts.join(',')}]}`;
  return Buffer.from(`${magic} ${sha256(body)}\n${body}`);
}

function identityOf({ api: _api, containers, ...identity }: Pod): object {
  return { ...identity, containers: containers.map(({ name, id, state }) => ({ name, id, state })) };
}

/** Reads what may be anything. What the file says is taken as a whole or not at all. */
export function decodeSavedPods(bytes: Buffer, wanted: SavedFor): Decoded {
  const source = bytes.toString('utf8');
  const [line = '', digest] = header.exec(source) ?? [];
  if (digest === undefined) return { kind: 'corrupt', why: 'it does not begin as one' };
  const body = source.slice(line.length);
  if (sha256(body) !== digest) return { kind: 'corrupt', why: 'its checksum is wrong' };
  const content = parse(body);
  for (const what of ['cluster', 'node', 'selection'] as const) {
    if (field(content, what) !== wanted[what]) return { kind: 'other', what };
  }
  const isSameBoot = wanted.boot !== undefined && field(content, 'boot') === wanted.boot;
  const pods = everyOf(field(content, 'pods'), (each) => podOf(each, isSameBoot));
  const leftOut = everyOf(field(content, 'leftOut'), safeName);
  if (pods === undefined || leftOut === undefined) return { kind: 'corrupt', why: 'it holds what is no pod' };
  const byUid = new Map(pods.map((pod) => [pod.uid, pod]));
  const uids = new Set(leftOut);
  return { kind: 'saved', saved: { snapshot: () => byUid, leftOut: () => uids } };
}

function sha256(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function everyOf<T>(values: unknown, read: (value: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const found = list(values).map(read);
  const every = found.filter((each) => each !== undefined);
  return every.length === found.length ? every : undefined;
}

/** As it was written: what would have to be cut is none. */
function nameOf(value: unknown): string | undefined {
  const known = text(value, nameLimit);
  return known === value ? known : undefined;
}

/** A pod keeps its UID and its names through a reboot of its node; its containers are all new. */
function podOf(value: unknown, isSameBoot: boolean): Pod | undefined {
  const uid = safeName(field(value, 'uid'));
  const cgroupUid = safeName(field(value, 'cgroupUid'));
  const [namespace, name, workloadKind, workload] = (['namespace', 'name', 'workloadKind', 'workload'] as const).map((key) =>
    nameOf(field(value, key)),
  );
  const qos = qosClasses.find((known) => known === field(value, 'qos'));
  const hostNetwork = flag(field(value, 'hostNetwork'));
  const containers = everyOf(field(value, 'containers'), (each) => containerOf(each, isSameBoot));
  const labels = textsOf(field(value, 'labels'));
  const annotations = textsOf(field(value, 'annotations'));
  if (uid === undefined || cgroupUid === undefined || namespace === undefined || name === undefined) return undefined;
  if (workloadKind === undefined || workload === undefined || qos === undefined) return undefined;
  if (hostNetwork === undefined || containers === undefined) return undefined;
  if (labels === undefined || annotations === undefined) return undefined;
  return { uid, cgroupUid, namespace, name, workloadKind, workload, qos, hostNetwork, containers, labels, annotations };
}

function containerOf(value: unknown, isSameBoot: boolean): Container | undefined {
  const name = nameOf(field(value, 'name'));
  const id = safeName(field(value, 'id'));
  const state = states.find((known) => known === field(value, 'state'));
  if (name === undefined || state === undefined || (id === undefined && field(value, 'id') !== undefined)) return undefined;
  return id === undefined || !isSameBoot ? { name, state } : { name, id, state };
}

/** None is an empty record, anything else but texts is `undefined`. */
function textsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) return undefined;
  const texts = everyOf(Object.entries(value), (entry) => textEntryOf(entry));
  return texts && Object.fromEntries(texts);
}

function textEntryOf(entry: unknown): readonly [string, string] | undefined {
  const [key, value] = list(entry);
  const known = nameOf(value);
  return typeof key === 'string' && known !== undefined ? [key, known] : undefined;
}
