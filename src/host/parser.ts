/** What every parser of a kernel file has in common: it is a pure function of bytes. */

/** Called with the bounds of a line that was not understood; the rest of the file is still parsed. */
export type Malformed = (start: number, end: number) => void;

/**
 * Takes the first `end` bytes of `bytes` for the whole file. It never throws and keeps no view of `bytes`, which is one
 * shared buffer. A last line without its newline is malformed: the file was cut.
 */
export type Parser<T> = (bytes: Uint8Array, end: number, malformed: Malformed) => T;
