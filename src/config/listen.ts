/** Decides where health and self-metrics are served. */
import type { Listen } from './config.ts';
import { options } from './options.ts';
import { valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

export function resolveListen(settings: Settings): Listen | undefined {
  const address = valueOrDefault(settings, options.listen);
  if (address === 'off') return undefined;
  const setting = settings.get(options.listen);
  return { ...address, text: setting?.text ?? options.listen.default, chosen: setting !== undefined };
}
