/** The program's options and the chart's values, held against each other. */
import type { Option } from '../../src/config/option.ts';
import { optionRows } from '../../src/config/options.ts';
import type { Value } from './values.ts';

/** Options that are no value, and what becomes of them in a pod of the chart. */
const setByChart: Readonly<Record<string, string>> = {
  config: 'the ConfigMap',
  source: 'kubernetes',
  kubeconfig: 'not set: the account of the pod',
  serviceAccountDir: 'not set: where Kubernetes mounts it',
  nodeName: 'NODE_NAME from spec.nodeName',
  hostRoot: 'not set: only a walk needs it',
  procRoot: 'from host.proc',
  cgroupRoot: 'where the cgroups of the host are mounted',
  kubeletCaFile: 'from kubeletCa',
  'influxdb.tokenFile': 'INFLUX_TOKEN_FILE, from the Secret',
  'influxdb.caFile': 'from influxdb.ca',
  'influxdb.certFile': 'from influxdb.clientCertificate',
  'influxdb.keyFile': 'from influxdb.clientCertificate',
  listen: 'PODGAUGE_LISTEN, from the address of the pod and port',
  stateDir: 'PODGAUGE_STATE_DIR, from state',
};

/** Values whose default is not the program's own, with what it is. */
const otherDefaults: Readonly<Record<string, string>> = {
  output: 'influxdb',
  // 64MiB beside the rest of the program is more than the limit of 128Mi.
  queueMaxBytes: '32MiB',
};

const optionOfKey = new Map<string, Option<unknown>>(optionRows);

/** `undefined` too for the token, which is a value but goes into a Secret. */
export function optionOf(value: Value): Option<unknown> | undefined {
  const option = optionOfKey.get(value.path.join('.'));
  return option?.notInFile ? undefined : option;
}

/** Keys of the config file that the chart fills from values of the same name. */
export function optionKeys(values: readonly Value[]): readonly string[] {
  return values
    .filter((value) => optionOf(value) !== undefined)
    .map(({ path }) => path.join('.'))
    .toSorted();
}

/** A line for each option and each value that does not fit the other side; `templates` is the text of all of them. */
export function misfits(values: readonly Value[], templates: string): readonly string[] {
  const keys = new Set(values.map(({ path }) => path.join('.')));
  const lines: string[] = [];
  for (const [key] of optionRows) {
    const isSet = Object.hasOwn(setByChart, key);
    if (keys.has(key) === isSet) lines.push(`option ${key} has to be either a value of the chart or in setByChart`);
  }
  for (const key of Object.keys(setByChart)) {
    if (!optionOfKey.has(key)) lines.push(`setByChart names ${key}, which is no option`);
  }
  for (const value of values) {
    const key = value.path.join('.');
    const option = optionOf(value);
    if (option === undefined && !isUsed(value.path, templates))
      lines.push(`value ${key} is neither an option nor used by a template`);
    if (option === undefined) continue;
    const wanted = otherDefaults[key] ?? option.default ?? '';
    if (shown(value.default) !== wanted)
      lines.push(`value ${key} is ${shown(value.default)} by default, but the option ${wanted}`);
  }
  return lines;
}

/** Whether a template names the value, or a group that it is in as a whole. */
function isUsed(path: readonly string[], templates: string): boolean {
  return path.some((_, index) => {
    const prefix = path.slice(0, index + 1).join(String.raw`\.`);
    return new RegExp(String.raw`(?:\.Values|\$v)\.${prefix}(?![.\w])`).test(templates);
  });
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
