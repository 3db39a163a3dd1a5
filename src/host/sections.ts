/** Wanted values that two words name, that of their line and their own in it: `TCP.inuse`, `some.total`. */
import { encode, startsWith } from './lines.ts';

export interface Named {
  readonly name: Uint8Array;
}

export interface WantedKey extends Named {
  /** Where its value goes in the result. */
  readonly place: number;
}

export interface Section extends Named {
  readonly keys: readonly WantedKey[];
}

/** The sections of distinct keys, each split at its first dot. */
export function sectionsOf(keys: readonly string[]): readonly Section[] {
  const sections = new Map<string, WantedKey[]>();
  for (const [place, key] of keys.entries()) {
    const dot = key.indexOf('.');
    const section = key.slice(0, dot);
    let wanted = sections.get(section);
    if (wanted === undefined) sections.set(section, (wanted = []));
    wanted.push({ name: encode(key.slice(dot + 1)), place });
  }
  return [...sections].map(([section, wanted]) => ({ name: encode(section), keys: wanted }));
}

/** The one whose name is exactly these bytes. */
export function findNamed<T extends Named>(all: readonly T[], bytes: Uint8Array, start: number, end: number): T | undefined {
  for (const one of all) {
    if (one.name.length === end - start && startsWith(bytes, start, end, one.name)) return one;
  }
  return undefined;
}
