/** Cuts answers of the kubelet's Summary API (k8s.io/kubelet `pkg/apis/stats/v1alpha1/types.go`) into single numbers. */
import { field, list } from '../../src/watch/json.ts';

/** One number of one thing at one moment. */
export interface SummarySample {
  /** Where in the answer it stands, such as `pods[].containers[].cpu.usageNanoCores`. */
  readonly place: string;
  /** What it is of, as podgauge tags it. */
  readonly tags: Readonly<Record<string, string>>;
  /** Unix time in milliseconds at which the kubelet says that it was read, cut to seconds. */
  readonly time: number;
  /** The same of the start of what it is of. */
  readonly startedAt: number;
  readonly value: number;
}

type Context = Omit<SummarySample, 'value'>;

/** Each number once, oldest first: the kubelet repeats what it has not read anew. */
export function samplesOf(answers: readonly unknown[]): SummarySample[] {
  const samples = new Map<string, SummarySample>();
  const start = { place: '', tags: {}, time: Number.NaN, startedAt: 0 };
  for (const sample of answers.flatMap((answer) => numbersIn(answer, start))) {
    samples.set(`${subjectOf(sample)} ${sample.time}`, sample);
  }
  return Array.from(samples.values()).toSorted((a, b) => a.time - b.time);
}

/** The same for all samples of one number of one thing. */
export function subjectOf({ place, tags }: SummarySample): string {
  return `${place} ${Object.values(tags).join(' ')}`;
}

function numbersIn(value: unknown, context: Context): SummarySample[] {
  if (typeof value === 'number') return [{ ...context, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const place = context.place === '' ? key : `${context.place}.${key}`;
    if (!Array.isArray(child)) return numbersIn(child, within(child, { ...context, place }));
    return list(child).flatMap((one) => numbersIn(one, within(one, { ...context, place: `${place}[]` })));
  });
}

function within(object: unknown, { place, tags, time, startedAt }: Context): Context {
  return {
    place,
    tags: { ...tags, ...tagsOf(object, place) },
    time: timeOf(object) ?? time,
    startedAt: momentOf(object, 'startTime') ?? startedAt,
  };
}

function tagsOf(object: unknown, place: string): Readonly<Record<string, string>> {
  const name = String(field(object, 'name'));
  const pod = field(object, 'podRef');
  if (pod !== undefined) return { namespace: String(field(pod, 'namespace')), pod: String(field(pod, 'name')) };
  if (place === 'node.systemContainers[]') return { slice: slices[name] ?? name };
  if (place.endsWith('.containers[]')) return { container: name };
  if (place.endsWith('.network') || place.endsWith('.interfaces[]')) return { interface: name };
  return place.endsWith('.volume[]') ? { volume: name } : {};
}

/** Of a node with systemd. */
const slices: Readonly<Record<string, string>> = { kubelet: 'system.slice/kubelet.service', pods: 'kubepods.slice' };

/** The number of a pod's processes has no time of its own: it is of those of its containers. */
function timeOf(object: unknown): number | undefined {
  const [container] = list(field(object, 'containers'));
  return momentOf(object, 'time') ?? momentOf(field(container, 'cpu'), 'time');
}

function momentOf(object: unknown, key: string): number | undefined {
  const text = field(object, key);
  return typeof text === 'string' ? Date.parse(text) : undefined;
}
