/** What is allowed, since it may be meant, but is worth a line in the log. */
import type { Config, Source } from './config.ts';
import { options } from './options.ts';
import { nameOf, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

export function warningsOf(settings: Settings, source: Source, output: Config['output']): string[] {
  const warnings: string[] = [];
  if (source.kind === 'kubernetes' && source.access.kind === 'in-cluster' && !settings.has(options.nodeName)) {
    warnings.push(
      `The node is taken to be named as the host, which in a pod is the pod's name: set ${nameOf(options.nodeName)}`,
    );
  }
  for (const option of [options.podLabels, options.podAnnotations, options.infoLabels, options.infoAnnotations]) {
    const where = settings.get(option)?.where;
    if (where === undefined || source.kind === 'kubernetes') continue;
    warnings.push(`Nothing comes of ${where}: source cgroup knows neither labels nor annotations`);
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
