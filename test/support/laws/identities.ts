/** Whose the points of one name are: pods and containers that come after each other under one name are told apart by their infos. */
import type { Point } from '../../unit/write/parse-line.ts';
import { amount, podOf, type TakenCycle } from './law.ts';

/** Of a pod its UID, of a container its id. */
export interface Identity {
  readonly id: string;
  /** The one before; points that were read just when it changed may still be of that one. */
  readonly before: string | undefined;
  /** Number of the cycle whose infos told of it first. */
  readonly since: number;
  /** How many runs it may be ahead of the one before: one, and those that came and went between two cycles. */
  readonly runs: number;
}

export interface Identities {
  /** Reads the infos of a cycle, before any of its other points is looked at. */
  take(cycle: TakenCycle): void;
  /** By `namespace/name`; `undefined` while no info told of it. */
  pod(name: string): Identity | undefined;
  /** By the pod's name and the container's. */
  container(pod: string, name: string): Identity | undefined;
  /** Whether an info ever told of a container with this id. */
  isContainer(id: string): boolean;
}

interface Known extends Identity {
  readonly restarts: number;
  readonly seenIn: number;
}

/** An info is written every five minutes at least. */
const keptCycles = 400;

export function createIdentities(): Identities {
  const known = new Map<string, Known>();
  const containers = new Set<string>();

  function learn(key: string, id: string, restarts: number, number: number): void {
    const last = known.get(key);
    if (last?.id === id) {
      known.set(key, { ...last, restarts, seenIn: number });
      return;
    }
    const runs = Math.max(1, restarts - (last?.restarts ?? 0), last === undefined ? restarts + 1 : 0);
    known.set(key, { id, before: last?.id, since: number, runs, restarts, seenIn: number });
  }

  function takeInfo(point: Point, number: number): void {
    const pod = podOf(point) ?? '';
    const { measurement, tags, fields } = point;
    const restarts = amount(point, 'restarts') ?? 0;
    if (measurement === 'k8s_pod_info') learn(pod, String(fields['uid']), 0, number);
    if (measurement !== 'k8s_container_info') return;
    const id = String(fields['id']);
    containers.add(id);
    learn(`${pod} ${tags['container']}`, id, restarts, number);
  }

  return {
    take({ number, points }) {
      for (const point of points) takeInfo(point, number);
      if (number % keptCycles !== 0) return;
      for (const [key, { seenIn }] of known) if (seenIn < number - keptCycles) known.delete(key);
    },
    pod: (name) => known.get(name),
    container: (pod, name) => known.get(`${pod} ${name}`),
    isContainer: (id) => containers.has(id),
  };
}

/** What a point's counters are of: the info of a container counts for its pod. */
export function identityOf(identities: Identities, point: Point): Identity | undefined {
  const pod = podOf(point);
  if (pod === undefined) return undefined;
  const container = point.tags['container'];
  if (container === undefined || point.measurement === 'k8s_container_info') return identities.pod(pod);
  return identities.container(pod, container);
}

/** All that a point of this cycle may be of. */
export function candidates(identity: Identity, number: number): string[] {
  const { id, before, since } = identity;
  return before === undefined || number > since + 1 ? [id] : [id, before];
}
