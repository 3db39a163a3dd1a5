import type { Container, ContainerKind, ContainerState, Termination } from '../model.ts';
import { containerDemand } from './demand.ts';
import type { ContainerDemand } from './demand.ts';
import { field, flag, integer, list, moment, text } from './json.ts';
import { containerId, nameLimit } from './names.ts';
import { resourcesOf } from './resources.ts';

export interface ContainerRecord extends ContainerDemand {
  readonly container: Container;
  /** Whether the spec has it. A container that only the status knows asks for nothing. */
  readonly specified: boolean;
}

interface Part {
  readonly kind: ContainerKind;
  readonly spec: unknown;
}

const imageLimit = 512;
/** No node runs a pod of more: this bounds what one object can make the agent keep. */
const mostContainers = 1000;
const kinds: readonly { readonly kind: ContainerKind; readonly spec: string; readonly status: string }[] = [
  { kind: 'container', spec: 'containers', status: 'containerStatuses' },
  { kind: 'init', spec: 'initContainers', status: 'initContainerStatuses' },
  { kind: 'ephemeral', spec: 'ephemeralContainers', status: 'ephemeralContainerStatuses' },
];

/** All containers of the spec, in its order, then any that only the status knows; the first of a name counts. */
export function containerRecords(spec: unknown, status: unknown): readonly ContainerRecord[] {
  const statuses = new Map<string, unknown>();
  const parts = new Map<string, Part>();
  for (const each of kinds) {
    for (const [name, entry] of named(field(spec, each.spec))) {
      if (!parts.has(name)) parts.set(name, { kind: kindOf(each.kind, entry), spec: entry });
    }
  }
  for (const each of kinds) {
    for (const [name, entry] of named(field(status, each.status))) {
      if (statuses.has(name)) continue;
      statuses.set(name, entry);
      if (!parts.has(name)) parts.set(name, { kind: each.kind, spec: undefined });
    }
  }
  const first = Array.from(parts).slice(0, mostContainers);
  return first.map(([name, part]) => recordOf(name, part, statuses.get(name)));
}

function* named(entries: unknown): Generator<readonly [string, unknown], void> {
  for (const entry of list(entries)) {
    const name = text(field(entry, 'name'), nameLimit);
    if (name !== undefined) yield [name, entry];
  }
}

function kindOf(kind: ContainerKind, spec: unknown): ContainerKind {
  return kind === 'init' && field(spec, 'restartPolicy') === 'Always' ? 'sidecar' : kind;
}

function recordOf(name: string, { kind, spec }: Part, status: unknown): ContainerRecord {
  const demand = containerDemand(spec, status);
  const state = stateOf(field(status, 'state'));
  const id = containerId(field(status, 'containerID'));
  const api: ContainerState = {
    kind,
    // As whoever deployed it wrote it: the runtime may tell another name of the same image.
    image: text(field(spec, 'image'), imageLimit) ?? text(field(status, 'image'), imageLimit),
    imageId: text(field(status, 'imageID'), imageLimit),
    ready: flag(field(status, 'ready')),
    started: flag(field(status, 'started')),
    restartCount: integer(field(status, 'restartCount')),
    startedAt: moment(field(field(field(status, 'state'), 'running'), 'startedAt')),
    waitingReason: text(field(field(field(status, 'state'), 'waiting'), 'reason'), nameLimit),
    termination: terminationOf(field(status, 'state')),
    lastTermination: terminationOf(field(status, 'lastState')),
    requests: resourcesOf(demand.requests),
    limits: resourcesOf(demand.limits),
  };
  const container = id === undefined ? { name, state, api } : { name, id, state, api };
  return { kind, demand, specified: spec !== undefined, container };
}

function stateOf(state: unknown): Container['state'] {
  if (typeof state !== 'object' || state === null) return 'unknown';
  for (const known of ['running', 'terminated', 'waiting'] as const) {
    const detail = field(state, known);
    if (typeof detail === 'object' && detail !== null) return known;
  }
  // The API's ContainerState with none of its three members means waiting.
  return Object.keys(state).length === 0 ? 'waiting' : 'unknown';
}

function terminationOf(state: unknown): Termination | undefined {
  const terminated = field(state, 'terminated');
  if (typeof terminated !== 'object' || terminated === null) return undefined;
  return {
    reason: text(field(terminated, 'reason'), nameLimit),
    exitCode: integer(field(terminated, 'exitCode')),
    signal: integer(field(terminated, 'signal')),
    startedAt: moment(field(terminated, 'startedAt')),
    finishedAt: moment(field(terminated, 'finishedAt')),
    containerId: containerId(field(terminated, 'containerID')),
  };
}
