import { expect, test } from 'vitest';
import { readCommandLine } from '../../../src/config/command-line.ts';
import { ConfigError } from '../../../src/config/error.ts';

test.each([
  [[], 'run'],
  [['run'], 'run'],
  [['once'], 'once'],
  [['--period', '1s', 'once'], 'once'],
  [['--help'], 'help'],
  [['once', '-h', '--nonsense'], 'help'],
  [['--version'], 'version'],
])('%j is the sub-command %s', (argv, command) => {
  expect(readCommandLine(argv).command).toBe(command);
});

test.each([
  [['runn'], 'Unknown sub-command "runn": did you mean run?'],
  [['dashboards'], 'Unknown sub-command "dashboards": podgauge --help lists all options'],
  [['run', 'once'], 'Unexpected argument "once" after "run": flags start with --'],
  [['--perid=10s'], 'Unknown flag "--perid": did you mean --period?'],
  [['--influxdb-url=x'], 'Unknown flag "--influxdb-url": did you mean --influx-url?'],
  [['--influx-token=secret'], 'Unknown flag "--influx-token": did you mean --influx-org?'],
  [['--verison'], 'Unknown flag "--verison": did you mean --version?'],
  [['-p'], 'Unknown flag "-p": podgauge --help lists all options'],
  [['--'], 'Unknown flag "--": podgauge --help lists all options'],
  [['--a\nb'], String.raw`Unknown flag "--a\nb": podgauge --help lists all options`],
  [['--period'], 'Flag --period needs a value: set --period=<duration>'],
  [['--period='], 'Flag --period needs a value: set --period=<duration>'],
  [['--kubeconfig', '--period=10s'], 'Flag --kubeconfig needs a value: set --kubeconfig=<path>'],
  [['--period=1s', '--period=2s'], 'Flag --period is given twice: leave one out'],
])('%j is refused', (argv, message) => {
  expect(() => readCommandLine(argv)).toThrow(new ConfigError(message));
});
