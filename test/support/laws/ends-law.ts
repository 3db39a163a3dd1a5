import type { CgroupEnds } from './cgroup-ends.ts';
import { candidates, type Identities } from './identities.ts';
import { createTally, milliseconds, podOf, seriesOf, type Law, type TakenCycle } from './law.ts';
import type { PodLife, PodLives } from './pod-lives.ts';
import type { Point } from '../../unit/write/parse-line.ts';

export interface EndsOptions {
  readonly identities: Identities;
  readonly lives: PodLives;
  readonly ends: Pick<CgroupEnds, 'of'>;
  /** How long after its end a pod may still have points: the agent's period (milliseconds). */
  readonly periodMs: number;
}

/** A point, and all pods and containers that it may be of. */
interface Claim {
  readonly point: Point;
  readonly pod: string;
  readonly uids: readonly string[];
  readonly containers: readonly string[] | undefined;
}

/** What is read in the cgroups of a pod, or of what runs in them. */
const ofCgroups = ['k8s_pod', 'k8s_pod_io', 'k8s_pod_network', 'k8s_container', 'k8s_container_io'];
/** Until then all that the API server and the kernel told of the time of a cycle is known here too. */
const judgedAfter = 3;

/**
 * No point of a pod once its object is gone and the agent had a period to hear of it; and none, without any grace, of a time at which
 * its cgroup had been removed.
 */
export function createEndsLaw({ identities, lives, ends, periodMs }: EndsOptions): Law {
  const waiting: (readonly Claim[])[] = [];
  const ofObjects = createTally('no point of a pod after its object', 'ms');
  const ofInfos = createTally('no info of another pod than the one that is', 'ms');
  const removed = createTally('no point of a cgroup after its removal', 'ms');

  function claimsOf({ number, points }: TakenCycle): Claim[] {
    return points.flatMap((point) => {
      const pod = podOf(point);
      if (pod === undefined) return [];
      const own = identities.pod(pod);
      const container = identities.container(pod, point.tags['container'] ?? '');
      return [
        {
          point,
          pod,
          uids: own === undefined ? [] : candidates(own, number),
          containers: container === undefined ? undefined : candidates(container, number),
        },
      ];
    });
  }

  function judge({ point, pod, uids, containers }: Claim): void {
    const at = milliseconds(point);
    const { measurement } = point;
    ofObjects.check(outside(lives.of(pod), at), periodMs, () => describe(point));
    if (measurement === 'k8s_pod_info') {
      const own = lives.of(pod).filter(({ uid }) => uid === point.fields['uid']);
      ofInfos.check(outside(own, at), periodMs, () => `${describe(point)} of ${String(point.fields['uid'])}`);
    }
    if (!ofCgroups.includes(measurement)) return;
    for (const names of [uids, containers ?? []]) {
      const times = names.map((name) => ends.of(name) ?? Infinity);
      const end = Math.max(...times);
      // The time of a point is rounded to a millisecond, and so is that of the end.
      if (times.length > 0 && end < Infinity) removed.check(at - end, 1, () => `${describe(point)} of ${names.join(' or ')}`);
    }
  }

  return {
    take(cycle) {
      waiting.push(claimsOf(cycle));
      if (waiting.length <= judgedAfter) return;
      for (const claim of waiting.shift() ?? []) judge(claim);
    },
    verdicts: () => [ofObjects.verdict, ofInfos.verdict, removed.verdict],
  };
}

/** How far a moment is from the nearest of these lives; negative is within one, by so much before its end. */
function outside(lives: readonly PodLife[], at: number): number {
  return Math.min(...lives.map(({ from, to = Infinity }) => Math.max(from - at, at - to)));
}

function describe(point: Point): string {
  return `${seriesOf(point)} at ${milliseconds(point)}`;
}
