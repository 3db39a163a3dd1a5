/** What a check finds: a line for a person, of a kind that docs/check.md explains. */

/** `FAIL`: something that was asked for does not work. `warn`: it works, but not as well as it should. */
export type Level = 'ok' | 'warn' | 'FAIL';

/** A row of docs/check.md. */
export interface Kind {
  readonly level: Level;
  /** What was looked at, in at most 14 characters. */
  readonly what: string;
  /** When it is told, as docs/check.md has it. */
  readonly when: string;
  /** What to do; absent where there is nothing to be done. */
  readonly remedy?: string;
}

export type Kinds = Readonly<Record<string, Kind>>;

export interface Finding {
  readonly kind: Kind;
  /** What is so here, without the remedy. */
  readonly says: string;
}

export const widestWhat = 14;
/** Of what a server says, or what has the name of a pod in it. */
const longestSays = 600;

/** The line as it is printed: what others chose cannot act on a terminal, nor break the line. */
export function lineOf({ kind, says }: Finding): string {
  const { level, what, remedy } = kind;
  const cut = says.length > longestSays ? `${says.slice(0, longestSays)}…` : says;
  const head = `${level.padEnd(4)}  ${`${what}:`.padEnd(widestWhat + 1)}`;
  return printable(`${head} ${cut}${remedy === undefined ? '' : `; ${remedy}`}`);
}

/** Escapes what is not printable: controls, marks that turn the direction of text, line ends of any kind. */
function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

const mostNamed = 3;

/** The first few names, and that there are more. */
export function someOf(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export function finding(kind: Kind, says: string): Finding {
  return { kind, says };
}
