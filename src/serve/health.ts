import type { Source } from '../locate/source.ts';
import type { Own } from '../own.ts';

export interface Vitals {
  readonly own: Own;
  readonly source: Pick<Source, 'ready'>;
  readonly periodMs: number;
}

/** A read of one kernel file took 14 s on nodes that were sick but worked: less than that must kill nobody. */
const leastPatience = 30_000;
const patientPeriods = 3;

/** How long nothing may happen before it means something, in milliseconds. */
function patience(periodMs: number): number {
  return Math.max(leastPatience, patientPeriods * periodMs);
}

/**
 * What is wrong when no cycle began or ended for too long, in one line; nothing when the agent is alive. The start counts as such a
 * moment. Neither the API server nor InfluxDB plays a part: a restart would help neither, and lose what waits.
 */
export function whyDead({ own, periodMs }: Vitals): string | undefined {
  const silence = own.now() - own.progress.movedAt;
  const bound = patience(periodMs);
  if (silence <= bound) return undefined;
  return `no cycle began or ended for ${Math.round(silence / 1000)} s, which is more than ${bound / 1000} s`;
}

/** What is missing for points of all pods to arrive, in one line; nothing when the agent does its work. */
export function whyNotReady({ own, source, periodMs }: Vitals): string | undefined {
  if (!source.ready) return 'the API server has not listed the pods of this node yet';
  const { droppedAt } = own.writer.stats;
  if (droppedAt === undefined || own.now() - droppedAt > patience(periodMs)) return undefined;
  return 'the queue is at its cap: the target takes too little, and the oldest points are dropped';
}
