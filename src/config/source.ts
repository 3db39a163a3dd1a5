/** Decides where pods are learned from, and under which name this node is known. */
import type { ApiAccess, Source } from './config.ts';
import type { Environment } from './environment.ts';
import { ConfigError, quote } from './error.ts';
import { options } from './options.ts';
import { nameOf, valueIfSet, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

/** @throws ConfigError when the API server is wanted and there is no way to it, and when there is one that is not wanted */
export function resolveSource(settings: Settings, environment: Environment): Source {
  const wanted = valueOrDefault(settings, options.source);
  const access = resolveAccess(settings, environment);
  if (wanted === 'cgroup') {
    // KUBECONFIG is set in many a shell for other programs; a flag or a key was meant for us.
    const kubeconfig = settings.get(options.kubeconfig);
    if (kubeconfig !== undefined && kubeconfig.layer !== 'environment') {
      throw new ConfigError(`Source cgroup asks no API server, but ${kubeconfig.where} names one: leave one of the two out`);
    }
    return { kind: 'cgroup' };
  }
  if (access !== undefined) {
    const stateDir = valueIfSet(settings, options.stateDir);
    const idleLimitMs = valueOrDefault(settings, options.apiIdleLimit);
    return { kind: 'kubernetes', access, idleLimitMs, ...(stateDir !== undefined && { stateDir }) };
  }
  if (wanted === 'auto') return { kind: 'cgroup' };
  throw new ConfigError(
    `Source kubernetes needs an API server, and KUBERNETES_SERVICE_HOST is not set: run in a pod or set ${nameOf(options.kubeconfig)}`,
  );
}

/** A kubeconfig that is named goes before the cluster that podgauge runs in. */
function resolveAccess(settings: Settings, environment: Environment): ApiAccess | undefined {
  const kubeconfig = valueIfSet(settings, options.kubeconfig);
  const serviceAccountDir = valueOrDefault(settings, options.serviceAccountDir);
  if (kubeconfig !== undefined) return { kind: 'kubeconfig', path: kubeconfig };
  return environment['KUBERNETES_SERVICE_HOST'] ? { kind: 'in-cluster', serviceAccountDir } : undefined;
}

/** RFC 1123's subdomain, which the API server demands of a node's name; anything else would match no pod for ever. */
const kubernetesName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * The name of the host, in lower case as the kubelet has it, where none is set.
 * @throws ConfigError when the API server is the source and the name cannot be a node's
 */
export function resolveNodeName(settings: Settings, source: Source, hostname: string): string {
  const name = valueIfSet(settings, options.nodeName) ?? hostname.trim().toLowerCase();
  if (source.kind === 'cgroup' || kubernetesName.test(name)) return name;
  const where = settings.get(options.nodeName)?.where ?? 'the name of the host';
  throw new ConfigError(
    `Cannot use ${quote(name)} of ${where}: set ${nameOf(options.nodeName)} to the name of the node in Kubernetes`,
  );
}
