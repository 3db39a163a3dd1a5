/** What is allowed, since it may be meant, but is worth a line in the log. */
import type { Config, Source } from './config.ts';
import type { Option } from './option.ts';
import { options } from './options.ts';
import { nameOf, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

const neither = 'neither labels nor annotations';
/** What only the API server gives a use to. */
const ofKubernetes: readonly (readonly [Option<unknown>, what: string])[] = [
  [options.podLabels, neither],
  [options.podAnnotations, neither],
  [options.infoLabels, neither],
  [options.infoAnnotations, neither],
  [options.stateDir, 'no names that could be kept'],
];

export function warningsOf(settings: Settings, source: Source, output: Config['output']): string[] {
  const warnings: string[] = [];
  if (source.kind === 'kubernetes' && source.access.kind === 'in-cluster' && !settings.has(options.nodeName)) {
    warnings.push(
      `The node is taken to be named as the host, which in a pod is the pod's name: set ${nameOf(options.nodeName)}`,
    );
  }
  for (const [option, what] of source.kind === 'cgroup' ? ofKubernetes : []) {
    const where = settings.get(option)?.where;
    if (where !== undefined) warnings.push(`Nothing comes of ${where}: source cgroup knows ${what}`);
  }
  if (valueOrDefault(settings, options.kubeletInsecure) === 'true') {
    warnings.push(
      `The kubelet's certificate is not verified: set ${nameOf(options.kubeletCaFile)} instead of ${nameOf(options.kubeletInsecure)}`,
    );
  }
  if (output.kind !== 'influxdb') return warnings;
  if (output.token === undefined) {
    warnings.push(`InfluxDB gets no token: set ${nameOf(options['influxdb.tokenFile'])}, unless it needs none`);
  } else if (output.url.startsWith('http:') && !isLoopback(new URL(output.url).hostname)) {
    // Plain HTTP is common inside a cluster, so it is not refused.
    warnings.push('The InfluxDB token travels unencrypted: use an https:// address unless the network is trusted');
  }
  return warnings;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
}
