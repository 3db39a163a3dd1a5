/** Where the sizes of file systems come from: nowhere, the kubelet, or a walk. */
import { readdirSync } from 'node:fs';
import type { FileSystems } from '../config/config.ts';
import { kubeletEndpoint } from '../file-systems/kubelet-access.ts';
import type { KubeletFailure } from '../file-systems/kubelet-failure.ts';
import { createKubeletSource } from '../file-systems/kubelet.ts';
import type { KubeletOptions } from '../file-systems/kubelet.ts';
import { errorCode } from '../host/failures.ts';
import type { NodeRecord } from '../model.ts';
import { finding } from './finding.ts';
import type { Finding, Kind, Kinds } from './finding.ts';
import { readText } from './read-text.ts';

const what = 'kubelet';
const chosen = '--file-systems (PODGAUGE_FILE_SYSTEMS)';

export const fileSystemKinds = {
  none: {
    level: 'ok',
    what: 'file systems',
    when: 'they are not collected, which is the default: their fields are absent',
    remedy: `to have them, set ${chosen} to kubelet (needs the right "get" on "nodes/stats") or to walk (needs CAP_DAC_READ_SEARCH)`,
  },
  walk: { level: 'ok', what: 'file systems', when: "they are walked, and the host's root can be read" },
  walkDenied: {
    level: 'FAIL',
    what: 'file systems',
    when: "they are to be walked, and this process may not, or the host's root is not there",
    remedy: "add CAP_DAC_READ_SEARCH, mount the host's root read-only, and set --host-root (PODGAUGE_HOST_ROOT) to where it is",
  },
  answers: { level: 'ok', what, when: 'it gives its statistics, and its certificate was verified' },
  unverified: {
    level: 'warn',
    what,
    when: 'it gives its statistics, and its certificate is not verified: whoever answers there gets the token',
    remedy: 'set --kubelet-ca-file (PODGAUGE_KUBELET_CA_FILE) instead of --kubelet-insecure (PODGAUGE_KUBELET_INSECURE)',
  },
  nowhere: {
    level: 'FAIL',
    what,
    when: 'its address is not known, since only the object of the node tells it',
    remedy: 'mend what is found of "get node", or look at status.addresses of the node',
  },
  refused: {
    level: 'FAIL',
    what,
    when: 'it refuses (HTTP 401 or 403): file systems are absent',
    remedy:
      'for 403 add {apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"]} to the ClusterRole of its account; for 401 set ' +
      'authentication.webhook.enabled in the configuration of the kubelet',
  },
  distrusted: {
    level: 'FAIL',
    what,
    when: 'its certificate is not signed by the CA that is trusted: file systems are absent',
    remedy:
      'set --kubelet-ca-file (PODGAUGE_KUBELET_CA_FILE) to the CA that signed it, or serverTLSBootstrap: true in the configuration of the ' +
      'kubelet',
  },
  strange: {
    level: 'FAIL',
    what,
    when: 'what it answers is no summary',
    remedy: 'look at the log of the kubelet, and at who listens at its port',
  },
  down: {
    level: 'FAIL',
    what,
    when: 'it does not answer, or fails',
    remedy: 'look at NetworkPolicies and firewalls between this pod and its node, at the token, and at the log of the kubelet',
  },
} as const satisfies Kinds;

const kindOfFailure: Readonly<Record<KubeletFailure['kind'], Kind>> = {
  refused: fileSystemKinds.refused,
  distrusted: fileSystemKinds.distrusted,
  object: fileSystemKinds.strange,
  down: fileSystemKinds.down,
};

export interface FileSystemCheckOptions extends Omit<KubeletOptions, 'endpoint' | 'period' | 'tokenFile' | 'trust'> {
  readonly fileSystems: FileSystems | undefined;
  readonly procRoot: string;
  readonly nodeRecord: NodeRecord | undefined;
}

/** Rejects only when the signal aborts. */
export async function checkFileSystems(options: FileSystemCheckOptions, signal: AbortSignal): Promise<Finding> {
  const { fileSystems, procRoot, nodeRecord } = options;
  if (fileSystems === undefined) return finding(fileSystemKinds.none, 'not collected');
  if (fileSystems.kind === 'walk') return checkWalk(procRoot, fileSystems.hostRoot);
  const endpoint = kubeletEndpoint(nodeRecord);
  if (endpoint === undefined) return finding(fileSystemKinds.nowhere, 'its address is not known');
  const { periodMs: period, tokenFile, trust } = fileSystems;
  const kubelet = createKubeletSource({ ...options, endpoint: () => endpoint, period, tokenFile, trust });
  const failure = await kubelet.ask(endpoint, signal);
  if (failure !== undefined)
    return finding(kindOfFailure[failure.kind], failure.message.replace(/[;:] (until then|allow|set) .*$/, ''));
  const says = `gives its statistics at ${endpoint.address}:${endpoint.port}`;
  return trust.kind === 'unverified'
    ? finding(fileSystemKinds.unverified, `${says}, its certificate not verified`)
    : finding(fileSystemKinds.answers, `${says}, its certificate verified by ${trust.file}`);
}

/** CAP_DAC_OVERRIDE is the greater of the two (capabilities(7)). */
const readsAll = (1n << 1n) | (1n << 2n);

function checkWalk(procRoot: string, hostRoot: string): Finding {
  const { text = '' } = readText(`${procRoot}/self/status`);
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(text) ?? [];
  if ((BigInt(`0x${effective}`) & readsAll) === 0n)
    return finding(fileSystemKinds.walkDenied, 'this process has no CAP_DAC_READ_SEARCH');
  try {
    readdirSync(hostRoot);
  } catch (error) {
    return finding(fileSystemKinds.walkDenied, `${hostRoot} cannot be read: ${errorCode(error)}`);
  }
  return finding(fileSystemKinds.walk, `walked below ${hostRoot}`);
}
