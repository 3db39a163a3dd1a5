import type { Target } from '../../../src/locate/targets.ts';
import type { Container, Pod } from '../../../src/model.ts';

export const podPath = '/kubepods/podu1';

export const podTags = {
  cluster: 'c',
  node: 'n',
  namespace: 'shop',
  pod: 'web-0',
  qos: 'Guaranteed',
  workload: 'web',
  workload_kind: 'StatefulSet',
};

/** A pod whose containers have a cgroup each. */
export function target(change: Partial<Pod> = {}, containers: readonly Container[] = [running('app', 'a')]): Target {
  const pod: Pod = {
    uid: 'u1',
    cgroupUid: 'u1',
    namespace: 'shop',
    name: 'web-0',
    workloadKind: 'StatefulSet',
    workload: 'web',
    qos: 'Guaranteed',
    hostNetwork: false,
    containers,
    ...change,
  };
  const found = containers.map((container) => ({ container, path: `${podPath}/${container.id}` }));
  return { pod, path: podPath, containers: found, others: [], detached: false };
}

/** One whose id is a letter, again and again. */
export function running(name: string, letter: string): Container {
  return { name, id: letter.repeat(64), state: 'running' };
}
