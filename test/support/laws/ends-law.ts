import type { CgroupEnds } from './cgroup-ends.ts';
import { candidates, type Identities } from './identities.ts';
import { createTally, durationOf, milliseconds, podOf, seriesOf, type Law, type TakenCycle } from './law.ts';
import { heardIn, type Marks } from './marks.ts';
import type { PodLife, PodLives } from './pod-lives.ts';
import type { Point } from '../../unit/write/parse-line.ts';

export interface EndsOptions {
  readonly identities: Identities;
  readonly lives: PodLives;
  readonly marks: Marks;
  readonly ends: Pick<CgroupEnds, 'of'>;
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
/** Until then the kernel's word of what was removed at the time of a cycle is here too. */
const judgedAfter = 3;

/** The cycle ahead of one. */
interface Last {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly endedAt: number;
  /** What the agent had told before it. */
  readonly heard: number;
}

/** After a cycle the agent looks again 250 ms later; a busy machine adds to that (milliseconds). */
const looksAgainWithin = 1000;

/** A cycle that is still to be judged. */
interface Waiting {
  readonly claims: readonly Claim[];
  /** The resource version up to which the agent had told before that it knew all. */
  readonly heard: number;
  readonly last: Last;
  /** Marks that were begun when it had come. */
  readonly begun: number;
}

/**
 * No point of a pod in a cycle after the one in which the agent told of something later than the end of the pod's object; and none, without
 * any grace, of a time at which its cgroup had been removed.
 */
export function createEndsLaw({ identities, lives, marks, ends }: EndsOptions): Law {
  const waiting: Waiting[] = [];
  let heard = 0;
  let last: Last = { at: -Infinity, endedAt: -Infinity, heard };
  const ofObjects = createTally('no point of a pod after its object');
  const ofInfos = createTally('no info of another pod than the one that is');
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

  function judge({ point, pod, uids, containers }: Claim, known: number): void {
    const at = milliseconds(point);
    const { measurement } = point;
    const text = () => `${describe(point)}, of all up to ${known} heard: ${JSON.stringify(lives.of(pod))}`;
    ofObjects.hold(lives.of(pod).some(isThere), text);
    if (measurement === 'k8s_pod_info') {
      const own = lives.of(pod).filter(({ uid }) => uid === point.fields['uid']);
      ofInfos.hold(own.some(isThere), () => `${text()}, of ${String(point.fields['uid'])}`);
    }

    function isThere({ endedIn = Infinity }: PodLife): boolean {
      return endedIn > known;
    }

    if (!ofCgroups.includes(measurement)) return;
    for (const names of [uids, containers ?? []]) {
      const times = names.map((name) => ends.of(name) ?? Infinity);
      const end = Math.max(...times);
      // The time of a point is rounded to a millisecond, and so is that of the end.
      if (times.length > 0 && end < Infinity) removed.check(at - end, 1, () => `${describe(point)} of ${names.join(' or ')}`);
    }
  }

  /** Whether all is known here that the agent can have heard of by then. */
  function isOver({ begun }: Waiting): boolean {
    return marks.seen > begun && waiting.length > judgedAfter;
  }

  return {
    take(cycle) {
      waiting.push({ claims: claimsOf(cycle), heard, last, begun: marks.begun });
      const at = milliseconds(cycle.beat);
      last = { at, endedAt: at + durationOf(cycle.beat), heard };
      // Pods were read before their infos: what those tell of need not be known of these.
      for (const point of cycle.points) heard = Math.max(heard, heardIn(point) ?? 0);
      for (let first = waiting[0]; first !== undefined && isOver(first); first = waiting[0]) {
        for (const claim of first.claims) judge(claim, knownAt(claim, first));
        waiting.shift();
      }
    },
    verdicts: () => [ofObjects.verdict, ofInfos.verdict, removed.verdict],
  };
}

/** A cycle may have looked before it was told of an end that it tells of: until it looks again it goes by what it knew. */
function knownAt({ point }: Claim, { heard, last }: Waiting): number {
  const at = milliseconds(point);
  return at > last.at && at <= last.endedAt + looksAgainWithin ? last.heard : heard;
}

function describe(point: Point): string {
  return `${seriesOf(point)} at ${milliseconds(point)}`;
}
