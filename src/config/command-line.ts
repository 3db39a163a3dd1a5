/** The last layer: sub-command and flags. */
import { ConfigError, quote, unknownName } from './error.ts';
import { optionRows } from './options.ts';
import type { Option } from './option.ts';
import type { Setting, Settings } from './settings.ts';

const commands = ['run', 'once', 'check'] as const;

export type Command = (typeof commands)[number];

export interface CommandLine {
  readonly command: Command | 'help' | 'version';
  readonly flags: Settings;
}

const optionOfFlag = new Map<string, Option<unknown>>();
for (const [, option] of optionRows) {
  if (option.flag !== undefined) optionOfFlag.set(option.flag, option);
}

/**
 * Takes the arguments after the program's name: an optional sub-command and flags, as `--flag value` or `--flag=value`. From
 * `--help` or `--version` on nothing more is looked at.
 * @throws ConfigError for an unknown sub-command or flag, and for a flag that has no value or is given twice
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const flags = new Map<Option<unknown>, Setting>();
  let command: Command | undefined;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--help' || argument === '-h') return { command: 'help', flags };
    if (argument === '--version') return { command: 'version', flags };
    if (!argument.startsWith('-')) {
      command = readCommand(argument, command);
      continue;
    }
    const [flag, inline] = splitAtEquals(argument);
    const option = optionOfFlag.get(flag);
    if (option === undefined) throw unknownName('flag', flag, [...optionOfFlag.keys(), '--help', '--version']);
    if (flags.has(option)) throw new ConfigError(`Flag ${flag} is given twice: leave one out`);
    if (inline === undefined) index += 1;
    flags.set(option, readFlag(flag, option, inline ?? argv[index]));
  }
  return { command: command ?? 'run', flags };
}

function readCommand(argument: string, before: Command | undefined): Command {
  if (before !== undefined)
    throw new ConfigError(`Unexpected argument ${quote(argument)} after "${before}": flags start with --`);
  const command = commands.find((one) => one === argument);
  if (command === undefined) throw unknownName('sub-command', argument, commands);
  return command;
}

function splitAtEquals(argument: string): [flag: string, inline: string | undefined] {
  const equals = argument.indexOf('=');
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}

/** What follows `--flag` is its value unless it is the next flag: a forgotten value must not swallow that. */
function readFlag(flag: string, option: Option<unknown>, value: string | undefined): Setting {
  const text = value?.trim() ?? '';
  const swallowed = optionOfFlag.has(splitAtEquals(text)[0]);
  if (text === '' || swallowed) throw new ConfigError(`Flag ${flag} needs a value: set ${flag}=${option.kind.shown}`);
  return { text, layer: 'flag', where: `flag ${flag}` };
}
