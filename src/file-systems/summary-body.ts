import type { Problems } from '../problems.ts';
import { field, text } from '../watch/json.ts';
import { createListSplitter } from '../watch/list-items.ts';
import { nameLimit } from '../watch/names.ts';
import type { FileSystemReport, PodFileSystems } from './report.ts';
import { nodeFileSystems, podFileSystems } from './summary.ts';
import { parseExact } from './summary-numbers.ts';

/** The body of an answer was read, and is not a summary of this node. */
export class NotASummary extends Error {}

export interface SummaryOptions {
  readonly node: string;
  /** When the answer came, in Unix milliseconds. */
  readonly at: number;
  readonly problems: Problems;
}

const bodyLimit = 33_554_432;
/** A pod of 500 containers and as many volumes is below 1 MiB. */
const podLimit = 2_097_152;
const mostPods = 2000;

/**
 * Reads a summary pod by pod while it arrives, so that it never stands in memory as a whole; a pod that is not understood is
 * counted and left out. Throws `NotASummary` when it is none, or another node's.
 */
export async function readSummary(
  chunks: AsyncIterable<Uint8Array>,
  { node, at, problems }: SummaryOptions,
): Promise<FileSystemReport> {
  const pods = new Map<string, PodFileSystems>();
  let seen = 0;
  const leaveOut = (cause: string) =>
    problems.report({ kind: 'object', owner: '', cause, message: `Summary of the kubelet: ${cause}; left out` });

  function addPod(source: string | undefined): void {
    seen += 1;
    if (seen === mostPods + 1) leaveOut(`it has more than ${mostPods} pods`);
    if (seen > mostPods) return;
    if (source === undefined) return leaveOut(`a pod takes more than ${podLimit} bytes`);
    const pod = podFileSystems(parseExact(source), at);
    if (pod === undefined) return leaveOut('a pod has no UID');
    if (pods.has(pod.uid)) return leaveOut('two pods have one UID');
    pods.set(pod.uid, pod);
  }

  const splitter = createListSplitter(podLimit, addPod, 'pods');
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > bodyLimit) throw new NotASummary(`larger than ${bodyLimit} bytes`);
    splitter.push(chunk);
  }
  const envelope = parseExact(splitter.envelope());
  const stats = field(envelope, 'node');
  const name = text(field(stats, 'nodeName'), nameLimit);
  if (name === undefined) throw new NotASummary('no node in it');
  if (name !== node) throw new NotASummary(`of node ${JSON.stringify(name)}, not of ${JSON.stringify(node)}`);
  return { at, node: nodeFileSystems(stats, at), pods };
}
