import { readFileSync } from 'node:fs';
import { errorCode, failureOf } from '../host/failures.ts';

/** Both absent: there is no such file. */
export interface ReadText {
  readonly text?: string;
  /** Why a file that is there cannot be read: `EACCES`. */
  readonly denial?: string;
}

/** A small file of the kernel. */
export function readText(path: string): ReadText {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = errorCode(error);
    return failureOf(code) === 'absent' ? {} : { denial: code };
  }
}
