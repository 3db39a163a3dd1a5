/** Where points go, if that is not InfluxDB. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { errorCode } from '../host/failures.ts';
import { finding } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';

const what = 'output';

export const outputKinds = {
  stdout: {
    level: 'ok',
    what,
    when: 'points are printed, as no InfluxDB is configured',
    remedy: 'to write to InfluxDB, set --influx-url (INFLUX_URL)',
  },
  file: { level: 'ok', what, when: 'points are written to a file, and it can be written' },
  unwritable: {
    level: 'FAIL',
    what,
    when: 'points are to be written to a file that cannot be',
    remedy: 'set --output (PODGAUGE_OUTPUT) to a file that this user may write, in a directory that is there',
  },
} as const satisfies Kinds;

export function checkOutput(output: Exclude<Config['output'], { readonly kind: 'influxdb' }>): Finding {
  if (output.kind === 'stdout') return finding(outputKinds.stdout, 'standard output');
  const { path } = output;
  const there = statSync(path, { throwIfNoEntry: false }) !== undefined;
  try {
    accessSync(there ? path : dirname(path), constants.W_OK);
    return finding(outputKinds.file, path);
  } catch (error) {
    return finding(outputKinds.unwritable, `${path}: ${errorCode(error)}`);
  }
}
