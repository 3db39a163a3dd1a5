/** What the layers say before anything is parsed, and how one value is taken from it. */
import { ConfigError, quote } from './error.ts';
import type { Option } from './option.ts';

/** One option's text in one layer. */
export interface Setting {
  readonly text: string;
  readonly layer: 'file' | 'environment' | 'flag';
  /** For messages: `flag --period`. */
  readonly where: string;
}

/** By the row of the table. Of two layers the later one wins, so a bad value below a good one does no harm. */
export type Settings = ReadonlyMap<Option<unknown>, Setting>;

/** @throws ConfigError when the text of the setting is no value of the option */
export function valueIfSet<T>(settings: Settings, option: Option<T>): T | undefined {
  const setting = settings.get(option);
  return setting === undefined ? undefined : parseSetting(option, setting.text, setting.where);
}

/** @throws ConfigError when the text of the setting is no value of the option */
export function valueOrDefault<T>(settings: Settings, option: Option<T> & { readonly default: string }): T {
  return valueIfSet(settings, option) ?? parseSetting(option, option.default, `the default of ${option.env}`);
}

/** How a message tells a reader to set an option: `--period (PODGAUGE_PERIOD)`. */
export function nameOf(option: Option<unknown>): string {
  return option.flag === undefined ? option.env : `${option.flag} (${option.env})`;
}

/** No name, path or address needs more, and every value reaches a log line or a request. */
const longestText = 4096;

function parseSetting<T>(option: Option<T>, text: string, where: string): T {
  const fits = text.length <= longestText && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text);
  const parsed = fits
    ? option.kind.parse(text)
    : { expected: `one line of printable text of at most ${longestText} characters` };
  if ('value' in parsed) return parsed.value;
  // What stands before an @ in an address may be a password.
  const shown = option.secret ? 'the value' : quote(text.replace(/^.*@/s, '…@'));
  throw new ConfigError(`Cannot use ${shown} of ${where}: set ${parsed.expected}`);
}
