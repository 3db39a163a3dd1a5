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

/** Reads an object of the API; `undefined` where it is no pod. */
export type ReadPod = (object: unknown) => SeenPod | undefined;

/** What is wrong with an object is counted; not with a pod that is left out, of which nothing is read. */
export function createPodReader(selection: Selection, problems: Problems): ReadPod {
  const isKept = keptBy(selection);
  return (object) => {
    const { pod, problem } = podRecord(object, selection);
    const metadata = field(object, 'metadata');
    const kept = pod === undefined || isKept(metadata);
    if (problem !== undefined && kept) {
      // A pod that is not kept is forgotten by nobody: its mark goes to the node's own, of which there are few.
      const owner = pod?.uid ?? '';
      const quoted = `${text(field(metadata, 'namespace'), 63) ?? '?'}/${text(field(metadata, 'name'), 63) ?? '?'}`;
      problems.report({ kind: 'object', owner, cause: problem, message: `Pod ${JSON.stringify(quoted)}: ${problem}` });
    }
    return pod && { pod, kept };
  };
}
