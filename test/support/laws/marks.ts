/**
 * Marks in the course of the API server's events, from which can be told, however slow a machine is, what somebody has heard of: a watch
 * tells of events in their order. A mark is an annotation of a pod of its own, and says up to which resource version the tests
 * knew the pods when it was made: who tells of that mark has heard of all that happened until then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiObject } from '../../servers/api-client.ts';
import type { Point } from '../../unit/write/parse-line.ts';
import { toolsPod } from '../node-pods.ts';
import type { PodLives } from './pod-lives.ts';

export const markedPod = 'marked';
/** The agent is to write it as a field: `--info-annotations mark`. */
export const annotation = 'mark';

export interface Marks {
  /** How many were begun. */
  readonly begun: number;
  /** The greatest that the tests' own watch told of. */
  readonly seen: number;
}

export interface RecordedMarks extends Marks {
  /** To be shown each event of the tests' watch. */
  see(pod: ApiObject): void;
  /** Makes one after the other until the signal aborts. */
  make(api: ApiClient, lives: PodLives, signal: AbortSignal): Promise<void>;
}

interface Mark {
  readonly number: number;
  readonly version: number;
}

const pauseMilliseconds = 1000;
const path = `/api/v1/namespaces/default/pods/${markedPod}`;

export function createMarks(): RecordedMarks {
  let begun = 0;
  let seen = 0;
  return {
    get begun() {
      return begun;
    },
    get seen() {
      return seen;
    },
    see({ metadata }) {
      if (metadata.name !== markedPod) return;
      const annotations: Readonly<Record<string, unknown>> = Object(metadata['annotations']);
      seen = Math.max(seen, parse(annotations[annotation])?.number ?? 0);
    },
    async make(api, lives, signal) {
      while (!signal.aborted) {
        begun += 1;
        const text = `${begun} ${lives.version}`;
        await api.request('PATCH', path, { metadata: { annotations: { [annotation]: text } } }).catch(() => {
          // Nobody will hear of this one, but of the next.
        });
        await sleep(pauseMilliseconds, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** The resource version up to which someone who wrote this point has heard of everything; `undefined` where it tells of no mark. */
export function heardIn({ measurement, tags, fields }: Point): number | undefined {
  if (measurement !== 'k8s_pod_info' || tags['pod'] !== markedPod) return undefined;
  return parse(fields[`annotation_${annotation}`])?.version;
}

function parse(text: unknown): Mark | undefined {
  const [number, version] = typeof text === 'string' && text !== '' ? text.split(' ').map(Number) : [];
  return number === undefined || version === undefined ? undefined : { number, version };
}

/** Resolves when the pod is there that bears them. It ends at once: what ended costs the node nothing, and stays until it is deleted. */
export async function makeMarkedPod(api: ApiClient, node: string): Promise<void> {
  const containers = [{ name: 'main', load: ['exit', '0'] }];
  await api.createPod(toolsPod({ name: markedPod, containers, spec: { restartPolicy: 'Never' } }, node));
}
