import type { Pod } from '../model.ts';
import type { Problems } from '../problems.ts';
import { field, parse, text } from './json.ts';
import { createListSplitter } from './list-items.ts';
import { readPod } from './read-pod.ts';

export interface PodList {
  readonly pods: readonly Pod[];
  /** What to watch from. */
  readonly version: string;
}

const itemLimit = 4_194_304;
const totalLimit = 67_108_864;

/**
 * Reads the body of a list of pods; a pod that is not understood is counted and left out. Throws when the body is no whole list, so
 * that an answer of something else is never taken for "no pods".
 */
export async function readPodList(chunks: AsyncIterable<Uint8Array>, problems: Problems): Promise<PodList> {
  const pods: Pod[] = [];
  const splitter = createListSplitter(itemLimit, (item) => {
    const pod = readPod(item === undefined ? undefined : parse(item), problems);
    if (pod !== undefined) pods.push(pod);
  });
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > totalLimit) throw new Error(`the list of pods is larger than ${totalLimit} bytes`);
    splitter.push(chunk);
  }
  const envelope = parse(splitter.envelope());
  const version = text(field(field(envelope, 'metadata'), 'resourceVersion'), 253);
  if (field(envelope, 'kind') !== 'PodList' || version === undefined) throw new Error('the answer is not a list of pods');
  return { pods, version };
}
