/** What is wrong with the configuration, as the one line a person reads at the start. */
import { nearest } from './nearest.ts';

/** Its message is one line of printable text that says what is wrong, where, and what to set. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const longestQuote = 80;

/** Makes any text fit for a one-line message: quoted, cut, and with everything that is not printable escaped. */
export function quote(text: string): string {
  const cut = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** For a name that no row of the table has: names the one that was probably meant. `what` is as in `flag` or `key of "file"`. */
export function unknownName(what: string, name: string, known: readonly string[]): ConfigError {
  const meant = nearest(name, known);
  const hint = meant === undefined ? 'podgauge --help lists all options' : `did you mean ${meant}?`;
  return new ConfigError(`Unknown ${what} ${quote(name)}: ${hint}`);
}

/** What cannot be made from the configuration is told as its other errors are: in one line, without a stack. */
export function configured<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw asConfigError(error);
  }
}

export function asConfigError(error: unknown): ConfigError {
  return new ConfigError(error instanceof Error ? error.message : String(error));
}
