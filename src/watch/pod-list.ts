import { field, parse, text } from './json.ts';
import { createListSplitter } from './list-items.ts';
import type { ReadPod, SeenPod } from './read-pod.ts';

export interface PodList {
  readonly pods: readonly SeenPod[];
  /** Pods in it that are not of this node: where the field selector is heeded there is none. */
  readonly elsewhere: number;
  /** What to watch from. */
  readonly version: string;
}

const itemLimit = 4_194_304;
const totalLimit = 67_108_864;

/**
 * Reads the body of a list of pods; a pod that is not understood is passed over. Throws when the body is no whole list, so
 * that an answer of something else is never taken for "no pods".
 */
export async function readPodList(chunks: AsyncIterable<Uint8Array>, readPod: ReadPod): Promise<PodList> {
  const pods: SeenPod[] = [];
  let elsewhere = 0;
  const splitter = createListSplitter(itemLimit, (item) => {
    const seen = readPod(item === undefined ? undefined : parse(item));
    if (seen === 'elsewhere') elsewhere += 1;
    else if (seen !== undefined) pods.push(seen);
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
  return { pods, elsewhere, version };
}
