import type { Pod } from '../model.ts';
import type { Problems } from '../problems.ts';
import { field, text } from './json.ts';
import { podRecord } from './pod-record.ts';
import { keptBy } from './selection.ts';
import type { Selection } from './selection.ts';

/** A pod that the server told of, and whether it is to be kept. */
export interface SeenPod {
  readonly pod: Pod;
  readonly kept: boolean;
}

/** Reads an object of the API; `elsewhere` where it is a pod that is not of this node, `undefined` where it is no pod. */
export type ReadPod = (object: unknown) => SeenPod | 'elsewhere' | undefined;

export interface PodReaderOptions {
  readonly node: string;
  readonly selection: Selection;
  readonly problems: Problems;
}

const notHeeded = 'it is not of this node: the field selector was not heeded';

/** What is wrong with an object is counted; not with a pod that is left out, of which nothing is read. */
export function createPodReader({ node, selection, problems }: PodReaderOptions): ReadPod {
  const isKept = keptBy(selection);

  function report(object: unknown, owner: string, problem: string): void {
    const metadata = field(object, 'metadata');
    const quoted = `${text(field(metadata, 'namespace'), 63) ?? '?'}/${text(field(metadata, 'name'), 63) ?? '?'}`;
    problems.report({ kind: 'object', owner, cause: problem, message: `Pod ${JSON.stringify(quoted)}: ${problem}` });
  }

  return (object) => {
    const { pod, problem } = podRecord(object, selection);
    if (pod !== undefined && isElsewhere(object, node)) {
      report(object, '', notHeeded);
      return 'elsewhere';
    }
    const kept = pod === undefined || isKept(field(object, 'metadata'));
    // What is no pod is forgotten by nobody: its mark goes to the node's own, of which there are few.
    if (problem !== undefined && kept) report(object, pod?.uid ?? '', problem);
    return pod && { pod, kept };
  };
}

/** Of another node, or of none yet. An object without a `spec` does not say. */
function isElsewhere(object: unknown, node: string): boolean {
  const spec = field(object, 'spec');
  return typeof spec === 'object' && spec !== null && field(spec, 'nodeName') !== node;
}
