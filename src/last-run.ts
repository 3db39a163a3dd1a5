/** What the last run of the agent left for this one: the pods that it knew. */
import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { Logger, Problems } from './problems.ts';
import { messageOf } from './watch/error-message.ts';
import type { Wait } from './watch/reflector.ts';
import { decodeSavedPods, mostSavedBytes } from './watch/saved-pods.ts';
import type { SavedFor, SavedPods } from './watch/saved-pods.ts';
import { readStateFile } from './watch/state-file.ts';

/** The file, as it was found at the start. */
export interface LastRun {
  readonly path: string;
  /** Absent where there is none. */
  readonly bytes?: Buffer | undefined;
  /** Why it could not be read. */
  readonly failure?: string;
}

/** The start does not wait longer for a disk that does not answer (milliseconds). */
const patience = 2000;

/** `undefined` where nothing is kept from run to run. Never rejects. */
export async function readLastRun({ source }: Config, wait: Wait, stop: AbortSignal): Promise<LastRun | undefined> {
  if (source.kind !== 'kubernetes' || source.stateDir === undefined) return undefined;
  const path = join(source.stateDir, 'pods');
  const enough = new AbortController();
  const late = wait(patience, AbortSignal.any([stop, enough.signal])).then(() => ({ failure: 'the disk does not answer' }));
  const found = readStateFile(path, mostSavedBytes).then(
    (bytes) => ({ bytes }),
    (error: unknown) => ({ failure: messageOf(error) }),
  );
  const first = await Promise.race([found, late]);
  enough.abort();
  return { path, ...first };
}

/** The pods in it; `undefined` where there are none that this run may go by. */
export function savedPodsOf(
  { path, bytes, failure }: LastRun,
  of: SavedFor,
  { problems, log }: { readonly problems: Problems; readonly log: Logger },
): SavedPods | undefined {
  const refuse = (why: string): undefined => {
    const message = `Cannot use the pods of the last run in "${path}": ${why}`;
    problems.report({ kind: 'denied', owner: '', cause: `read: ${why}`, message });
  };
  if (failure !== undefined) return refuse(failure);
  if (bytes === undefined) return undefined;
  const decoded = decodeSavedPods(bytes, of);
  if (decoded.kind === 'corrupt') return refuse(decoded.why);
  if (decoded.kind === 'other') {
    log.info({ path }, `The pods of the last run are left out: they are of another ${decoded.what}`);
    return undefined;
  }
  log.info({ path, pods: decoded.saved.snapshot().size }, 'The pods of the last run are known');
  return decoded.saved;
}
