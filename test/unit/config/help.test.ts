import { expect, test } from 'vitest';
import { helpText } from '../../../src/config/help.ts';
import { optionRows } from '../../../src/config/options.ts';

test('the help names every option, by flag and by variable, in at most 100 columns', () => {
  const text = helpText();
  for (const [, { flag, env }] of optionRows)
    expect(text).toMatch(
      new RegExp(flag === undefined ? `^ +${env}=` : String.raw`^ +${flag} .*\n(?: {8}.*\n)* {8}${env}\b`, 'm'),
    );
  expect(text.split('\n').filter((line) => line.length > 100 || line !== line.trimEnd())).toEqual([]);
});

test('an option is told with its default and its key', () => {
  expect(helpText()).toContain(`
  --queue-max-bytes <bytes>
        most compressed points that wait in memory for InfluxDB; beyond it the oldest are dropped
        and counted
        PODGAUGE_QUEUE_MAX_BYTES, key queueMaxBytes; default: 64MiB
`);
  expect(helpText()).toContain(`
  INFLUX_TOKEN=<token>
        the token itself, where a file is not possible
        environment only
`);
});
