import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSavedPods } from '../../src/watch/saved-pods.ts';

/** The pods in the file of a state directory, which is whole: their names, sorted; none where it is not there. */
export async function savedNames(stateDir: string): Promise<string> {
  const bytes = await readFile(join(stateDir, 'pods')).catch(() => undefined);
  if (bytes === undefined) return '';
  const { cluster, node, selection, boot } = JSON.parse(bytes.toString().split('\n')[1] ?? '');
  const decoded = decodeSavedPods(bytes, { cluster, node, selection, boot });
  if (decoded.kind !== 'saved') throw new Error(`The file is ${decoded.kind}`);
  const names = Array.from(decoded.saved.snapshot().values(), ({ name }) => name);
  return names.toSorted().join();
}
