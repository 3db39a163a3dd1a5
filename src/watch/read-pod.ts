import type { Pod } from '../model.ts';
import type { Problems } from '../problems.ts';
import { field, text } from './json.ts';
import { podRecord } from './pod-record.ts';

/** The pod in an object of the API; what is wrong with it is counted. */
export function readPod(object: unknown, problems: Problems): Pod | undefined {
  const { pod, problem } = podRecord(object);
  if (problem !== undefined) {
    // A pod that is not kept is forgotten by nobody: its mark goes to the node's own, of which there are few.
    const owner = pod?.uid ?? '';
    const metadata = field(object, 'metadata');
    const quoted = `${text(field(metadata, 'namespace'), 63) ?? '?'}/${text(field(metadata, 'name'), 63) ?? '?'}`;
    problems.report({ kind: 'object', owner, cause: problem, message: `Pod ${JSON.stringify(quoted)}: ${problem}` });
  }
  return pod;
}
