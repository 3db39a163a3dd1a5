import type { Problems } from '../problems.ts';
import { field, parse, text } from './json.ts';
import type { ReadPod, SeenPod } from './read-pod.ts';

/** One line of a watch. `version` is where a later watch can go on from. */
export type WatchEvent =
  | { readonly kind: 'put'; readonly seen: SeenPod; readonly version: string | undefined }
  | { readonly kind: 'remove'; readonly uid: string; readonly version: string | undefined }
  | { readonly kind: 'nothing'; readonly version: string | undefined }
  /**
   * The server cannot go on, or what it said was not understood: what was missed only a list can tell. `isForgotten`: its history begins
   * later.
   */
  | { readonly kind: 'lost'; readonly reason: string; readonly isForgotten: boolean };

/** Reads a line, `undefined` for one that was too long. What is wrong with it is counted; it never throws. */
export function readWatchEvent(line: string | undefined, readPod: ReadPod, problems: Problems): WatchEvent {
  const event = line === undefined ? undefined : parse(line);
  const object = field(event, 'object');
  const version = text(field(field(object, 'metadata'), 'resourceVersion'), 253);
  switch (field(event, 'type')) {
    case 'ADDED':
    case 'MODIFIED': {
      const seen = readPod(object);
      return typeof seen === 'object' ? { kind: 'put', seen, version } : { kind: 'nothing', version };
    }
    case 'DELETED': {
      const uid = text(field(field(object, 'metadata'), 'uid'), 253);
      if (uid !== undefined) return { kind: 'remove', uid, version };
      problems.report({ kind: 'object', owner: '', cause: 'DELETED', message: 'A deleted pod has no UID' });
      return { kind: 'lost', reason: 'a deleted pod has no UID', isForgotten: false };
    }
    case 'BOOKMARK':
      return { kind: 'nothing', version };
    case 'ERROR':
      return {
        kind: 'lost',
        reason: `ERROR event: ${text(field(object, 'message'), 300)?.replace(/\s+/g, ' ') ?? 'no message'}`,
        isForgotten: field(object, 'code') === 410,
      };
    default: {
      const reason = line === undefined ? 'a line of the watch is too long' : 'a line of the watch is not an event';
      const quoted = line === undefined ? '' : `: ${JSON.stringify(line.slice(0, 80))}`;
      problems.report({ kind: 'object', owner: '', cause: reason, message: `Cannot read the watch: ${reason}${quoted}` });
      return { kind: 'lost', reason, isForgotten: false };
    }
  }
}
