/** The pod that a rendered DaemonSet makes on every node. */
import type { Manifest } from './chart.ts';

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
  readonly serviceAccountName: string;
  readonly [key: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly env: readonly EnvironmentVariable[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

interface DaemonSet extends Manifest {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

function isDaemonSet(manifest: Manifest): manifest is DaemonSet {
  return manifest.kind === 'DaemonSet';
}

export function podSpecOf(manifests: readonly Manifest[]): PodSpec {
  const daemonSet = manifests.find(isDaemonSet);
  if (daemonSet === undefined) throw new Error('there is no DaemonSet');
  return daemonSet.spec.template.spec;
}

export function containerOf(manifests: readonly Manifest[]): Container {
  const [container] = podSpecOf(manifests).containers;
  if (container === undefined) throw new Error('the DaemonSet has no container');
  return container;
}
