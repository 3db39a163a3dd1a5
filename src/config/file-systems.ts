/** Decides where the sizes of file systems come from. */
import type { FileSystems, Source } from './config.ts';
import { ConfigError } from './error.ts';
import { options } from './options.ts';
import { nameOf, valueIfSet, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

/** @throws ConfigError when the kubelet is to be asked and there is no API server that says where it is, and for both ways to trust it */
export function resolveFileSystems(settings: Settings, source: Source): FileSystems | undefined {
  const kind = valueOrDefault(settings, options.fileSystems);
  const periodMs = valueOrDefault(settings, options.fileSystemsPeriod);
  const caFile = valueIfSet(settings, options.kubeletCaFile);
  const unverified = valueOrDefault(settings, options.kubeletInsecure) === 'true';
  if (kind === 'none') return undefined;
  if (kind === 'walk') {
    const procRoot = valueOrDefault(settings, options.procRoot);
    return { kind, periodMs, hostRoot: valueIfSet(settings, options.hostRoot) ?? `${procRoot}/1/root` };
  }
  if (source.kind === 'cgroup') {
    throw new ConfigError(
      `The API server says where the kubelet is: set ${nameOf(options.source)} to kubernetes, or leave ${nameOf(options.fileSystems)} out`,
    );
  }
  if (unverified && caFile !== undefined) {
    throw new ConfigError(
      `${nameOf(options.kubeletInsecure)} takes any certificate: leave ${nameOf(options.kubeletCaFile)} out, or set the first to false`,
    );
  }
  const directory = valueOrDefault(settings, options.serviceAccountDir);
  const trust = unverified
    ? ({ kind: 'unverified' } as const)
    : ({ kind: 'ca', file: caFile ?? `${directory}/ca.crt` } as const);
  return { kind, periodMs, tokenFile: `${directory}/token`, trust };
}
