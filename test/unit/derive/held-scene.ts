/** What is held, over pods that the test lists. */
import { createPodTags, tagsOfContainer, unnamed } from '../../../src/collect/pod-tags.ts';
import type { Naming } from '../../../src/collect/pod-tags.ts';
import { createHeld } from '../../../src/derive/held.ts';
import type { HeldBounds } from '../../../src/derive/held.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Container, Fields, Pod, Sample } from '../../../src/model.ts';
import { recordingLogger } from '../watch/running-watch.ts';

const nodeTags = { cluster: 'c', node: 'n' };
export const bounds: HeldBounds = { bytes: 1_000_000, age: 120_000, step: 1_000_000 };

export function pod(uid: string, containers: readonly Container[] = [], more: Partial<Pod> = {}): Pod {
  return {
    uid,
    cgroupUid: uid,
    namespace: 'shop',
    name: `name-of-${uid}`,
    workloadKind: 'StatefulSet',
    workload: 'web',
    qos: 'Burstable',
    hostNetwork: false,
    containers,
    ...more,
  };
}

export const running = (id: string): Container => ({ name: `name-of-${id}`, id, state: 'running' });

export function scene(change: Partial<HeldBounds> = {}, naming: Naming = 'own') {
  const clock = { ms: 0 };
  const state = { ready: false, pods: new Map<string, Pod>(), leftOut: new Set<string>() };
  const logged: string[] = [];
  const podTags = createPodTags({ nodeTags, properties: [], nameBy: () => naming, exists: () => true });
  const held = createHeld({
    podTags,
    watch: {
      get ready() {
        return state.ready;
      },
      snapshot: () => state.pods,
      leftOut: () => state.leftOut,
    },
    log: recordingLogger(logged),
    now: () => clock.ms,
    bounds: { ...bounds, ...change },
  });
  function list(...pods: readonly Pod[]): void {
    state.ready = true;
    state.pods = new Map(pods.map((each) => [each.uid, each]));
  }
  return { held, clock, state, logged, podTags, list };
}

export function ofPod(uid: string, time: number, fields: Fields = { pids: time }): Sample {
  return { measurement: 'k8s_pod', tags: { [unnamed]: uid }, values: valuesOf('k8s_pod', fields), time };
}

export function ofContainer(uid: string, id: string, time: number): Sample {
  const tags = tagsOfContainer({ [unnamed]: uid }, id);
  return { measurement: 'k8s_container', tags, values: valuesOf('k8s_container', { pids: time }), time };
}
