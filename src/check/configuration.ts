/** What loading the configuration said, and where pods are learned from. */
import type { Config } from '../config/config.ts';
import { finding } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';

const what = 'configuration';

export const configurationKinds = {
  doubtful: { level: 'warn', what, when: 'it is allowed, and probably not meant; the line says what to set' },
  cluster: { level: 'ok', what, when: 'pods are learned from the API server' },
  alone: {
    level: 'ok',
    what,
    when: 'pods are learned from the cgroups alone: by their UIDs, without names, and no API server is asked',
    remedy: 'to have names, run in a pod of the cluster or set --kubeconfig (KUBECONFIG)',
  },
} as const satisfies Kinds;

export function configurationFindings({ warnings, source, nodeName }: Config): readonly Finding[] {
  return [
    source.kind === 'kubernetes'
      ? finding(configurationKinds.cluster, `node ${nodeName}, pods from the API server`)
      : finding(configurationKinds.alone, `node ${nodeName}, pods from the cgroups`),
    ...warnings.map((warning) => finding(configurationKinds.doubtful, warning)),
  ];
}
