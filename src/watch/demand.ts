/** What containers and pods ask for, and are bound to (component-helpers `resource/helpers.go`). */
import type { ContainerKind } from '../model.ts';
import { field } from './json.ts';
import { amountsOf, larger, sum, withoutZeros } from './resources.ts';
import type { Amounts, ResourceName } from './resources.ts';

export interface Demand {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** One container of a pod's spec, in the spec's order. */
export interface ContainerDemand {
  readonly kind: ContainerKind;
  readonly demand: Demand;
}

/**
 * What is in force for a container. Where the kubelet reports `resources` in the status, that is it, both lists: during an
 * in-place resize the spec already has what is wished for. Else requests are what the node has allocated, where that is
 * reported, and the rest is the spec's.
 */
export function containerDemand(spec: unknown, status: unknown): Demand {
  const actual = field(status, 'resources');
  const wished = field(spec, 'resources');
  const lists = isObject(actual) ? actual : wished;
  const allocated = field(status, 'allocatedResources');
  const requests = !isObject(actual) && isObject(allocated) ? allocated : field(lists, 'requests');
  return { requests: amountsOf(requests), limits: withoutZeros(amountsOf(field(lists, 'limits'))) };
}

/** The only resources that `spec.resources` of a pod may name and a cgroup of the pod bounds. */
const podLevel: readonly ResourceName[] = ['cpu', 'memory'];

/**
 * The pod's own demand by Kubernetes' rule: what its containers need when they need most, or what `spec.resources` (1.34) says
 * in its place, and the overhead of its runtime class on top.
 *
 * CPU and memory are limited only if every container is, as the kubelet's `ResourceConfigForPod` has it; a limit on ephemeral
 * storage is what the limits of some containers add up to, as in its eviction manager. The pod's own `status.resources` is not
 * looked at: it is read back from the cgroup, rounded, and holds the overhead in some entries only.
 */
export function podDemand(spec: unknown, containers: readonly ContainerDemand[]): Demand {
  const overhead = amountsOf(field(spec, 'overhead'));
  const own = field(spec, 'resources');

  const needed = mostNeeded(containers, ({ requests }) => requests).total;
  const requests = sum(replace(needed, amountsOf(field(own, 'requests'))), overhead);

  const { total, steps } = mostNeeded(containers, ({ limits }) => limits);
  const bounded = new Map(total);
  for (const name of podLevel) if (!steps.every((step) => step.has(name))) bounded.delete(name);
  const limits = withoutZeros(replace(bounded, amountsOf(field(own, 'limits'))));
  const added = new Map(Array.from(overhead).filter(([name]) => limits.has(name)));
  return { requests, limits: sum(limits, added) };
}

/**
 * App containers and sidecars run side by side; each init container runs alone, beside the sidecars before it. `steps` is what
 * each of these needs by itself.
 */
function mostNeeded(containers: readonly ContainerDemand[], pick: (demand: Demand) => Amounts) {
  const steps: Amounts[] = [];
  let together: Amounts = new Map();
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const { kind, demand } of containers) {
    const amounts = pick(demand);
    if (kind === 'ephemeral') continue;
    if (kind !== 'init') together = sum(together, amounts);
    if (kind === 'sidecar') sidecars = sum(sidecars, amounts);
    const step = stepOf(kind, amounts, sidecars);
    if (kind !== 'container') starting = larger(starting, step);
    steps.push(step);
  }
  return { total: larger(together, starting), steps };
}

function stepOf(kind: ContainerKind, amounts: Amounts, sidecars: Amounts): Amounts {
  if (kind === 'container') return amounts;
  return kind === 'sidecar' ? sidecars : sum(amounts, sidecars);
}

function replace(amounts: Amounts, by: Amounts): Amounts {
  const replaced = new Map(amounts);
  for (const name of podLevel) {
    const amount = by.get(name);
    if (amount !== undefined) replaced.set(name, amount);
  }
  return replaced;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
