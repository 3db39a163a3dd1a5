import { createIdentities, type Identities } from '../../../support/laws/identities.ts';
import type { Law, TakenCycle } from '../../../support/laws/law.ts';
import { parseLine } from '../../write/parse-line.ts';

/** Cycles two seconds apart, each of lines of the line protocol with times in milliseconds; a heartbeat of 20 ms ends each. */
export function madeCycles(...cycles: readonly (readonly string[])[]): TakenCycle[] {
  return cycles.map((lines, i) => {
    const points = lines.map((line) => parseLine(`${line}000000`));
    const time = 2000 * (i + 1);
    const fields = `run=1i,sequence=${i + 1}i,points=${lines.length}i,cycle_duration_nanoseconds=20000000i`;
    const errors =
      'files_denied=0i,lines_malformed=0i,objects_malformed=0i,points_rejected=0i,points_dropped=0i,sends_failed=0i';
    const beat = parseLine(`podgauge,node=n ${fields},${errors} ${time}000000`);
    return { number: i + 1, beat, points, arrivedBefore: time + 100 };
  });
}

/** The same cycle with other fields in its heartbeat. */
export function beating(cycle: TakenCycle, fields: TakenCycle['beat']['fields']): TakenCycle {
  return { ...cycle, beat: { ...cycle.beat, fields: { ...cycle.beat.fields, ...fields } } };
}

/** What a law has against these cycles: the names of its parts that are broken, and how often each is. */
export function brokenBy(
  create: (identities: Identities) => Law,
  cycles: readonly TakenCycle[],
): Readonly<Record<string, number>> {
  const identities = createIdentities();
  const law = create(identities);
  for (const cycle of cycles) {
    identities.take(cycle);
    law.take(cycle);
  }
  const broken = law.verdicts().filter((verdict) => verdict.broken > 0);
  return Object.fromEntries(broken.map((verdict) => [verdict.law, verdict.broken]));
}

export const pod = 'namespace=default,node=n,pod=a';
export const main = `container=main,${pod}`;

export function podInfo(uid: string, time: number): string {
  return `k8s_pod_info,${pod} uid="${uid}" ${time}`;
}

export function containerInfo(id: string, restarts: number, time: number): string {
  return `k8s_container_info,${main} id="${id}",restarts=${restarts}i ${time}`;
}
