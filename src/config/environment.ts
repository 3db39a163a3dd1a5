/** The layer of environment variables. */
import { unknownName } from './error.ts';
import { optionRows } from './options.ts';
import type { Option } from './option.ts';
import type { Setting, Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const optionOfVariable = new Map<string, Option<unknown>>();
for (const [, option] of optionRows) optionOfVariable.set(option.env, option);

/**
 * What the kubelet sets in every pod for a Service whose name starts with `podgauge`:
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const serviceLink =
  /^PODGAUGE_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * An empty variable counts as not set: templates leave such behind.
 * @throws ConfigError for a variable with our prefix that no option has
 */
export function readEnvironment(environment: Environment): Settings {
  const settings = new Map<Option<unknown>, Setting>();
  for (const [variable, value] of Object.entries(environment)) {
    const text = value?.trim() ?? '';
    if (text === '') continue;
    const option = optionOfVariable.get(variable);
    if (option !== undefined) settings.set(option, { text, layer: 'environment', where: `variable ${variable}` });
    else if (variable.startsWith('PODGAUGE_') && !serviceLink.test(variable)) {
      throw unknownName('environment variable', variable, [...optionOfVariable.keys()]);
    }
  }
  return settings;
}
