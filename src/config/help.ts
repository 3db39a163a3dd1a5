/** What `podgauge --help` prints, from the table of options. */
import { optionRows } from './options.ts';

const width = 100;
const indent = ' '.repeat(8);

const head = `Usage: podgauge [run|once|check] [flags]

Writes what every pod and container of this node costs and suffers to InfluxDB.

  run    collect every period and write, until SIGTERM (the default)
  once   print one collection as line protocol, and end
  check  tell whether this node and this InfluxDB work, a line for each finding with its remedy;
         exit code 0: yes, or warnings only, 1: something does not, 2: the configuration is wrong

Each option can also be set by an environment variable, and by a key of the config file where one is
named. Flags go before the environment, the environment before the file, the file before defaults.
`;

const tail = `
  --help, -h
        print this
  --version
        print the version
`;

export function helpText(): string {
  let text = head;
  for (const [key, option] of optionRows) {
    const title = option.flag === undefined ? `${option.env}=${option.kind.shown}` : `${option.flag} ${option.kind.shown}`;
    const ways = [option.flag === undefined ? 'environment only' : option.env, ...(option.notInFile ? [] : [`key ${key}`])];
    const without = option.default ?? option.otherwise;
    const defaults = without === undefined ? '' : `; default: ${without}`;
    text += `\n  ${title}\n${wrap(option.help)}${wrap(`${ways.join(', ')}${defaults}`)}`;
  }
  return text + tail;
}

function wrap(sentence: string): string {
  let text = '';
  let line = indent.slice(1);
  for (const word of sentence.split(' ')) {
    if (line.length + 1 + word.length > width) {
      text += `${line}\n`;
      line = indent.slice(1);
    }
    line += ` ${word}`;
  }
  return `${text}${line}\n`;
}
