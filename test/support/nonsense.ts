/** Objects of the API that no API server would hand out, each wrong in its own way. */
import { runningStatus } from './bound-pods.ts';
import type { RealPod } from './cgroup-host.ts';

export interface NonsenseString {
  readonly given: string;
  /** As a tag's value: itself, or where no parser reads that back, its stand-in with a digest. */
  readonly shown: string | RegExp;
}

const digest = '~[0-9a-f]{16}$';

/** Ways to break a line of line protocol, a log line, a Flux query or a table, each in one string. */
export const nonsenseStrings: readonly NonsenseString[] = [
  { given: 'line\nbreak', shown: new RegExp(`^line_break${digest}`) },
  { given: 'carriage\r\nreturn', shown: new RegExp(`^carriage__return${digest}`) },
  { given: 'quo"te\'s', shown: 'quo"te\'s' },
  { given: 'com,ma,', shown: 'com,ma,' },
  { given: '=equ=als=', shown: '=equ=als=' },
  { given: ' sp ace ', shown: ' sp ace ' },
  { given: 'emoji 😀 ü', shown: 'emoji 😀 ü' },
  { given: 'back\\slash', shown: new RegExp(`^back_slash${digest}`) },
  { given: 'backslash at the end\\', shown: new RegExp(`^backslash at the end_${digest}`) },
  { given: 'a\nb"c,d=e 😀\\f\\,g=h i\\', shown: new RegExp(`^a_b"c,d=e 😀_f_,g=h i_${digest}`) },
  { given: 'healthy-0,qos=Guaranteed pids=7i 1\n', shown: new RegExp(`^healthy-0,qos=Guaranteed pids=7i 1_${digest}`) },
  { given: 'k8s_pod,pod=healthy-0', shown: 'k8s_pod,pod=healthy-0' },
  // They differ only in what a tag cannot hold, and are two all the same.
  { given: 'same\nbut', shown: new RegExp(`^same_but${digest}`) },
  { given: 'same\\but', shown: new RegExp(`^same_but${digest}`) },
  { given: 'nul\u0000', shown: new RegExp(`^nul_${digest}`) },
  { given: 'half \ud83d an emoji', shown: 'half \ufffd an emoji' },
  { given: '# comment', shown: '# comment' },
  { given: '__proto__', shown: '__proto__' },
  { given: '"', shown: '"' },
  { given: '🧨'.repeat(30), shown: '🧨'.repeat(30) },
];

/** Whether a tag's value is this string, or what stands in for it. */
export function isShown(value: unknown, { shown }: NonsenseString): boolean {
  return typeof shown === 'string' ? value === shown : shown.test(String(value));
}

/** A pod that has this in the place of every string but those that lead to its node and its cgroup. */
export function nonsensePod(text: string, node: string, real: RealPod): object {
  return {
    kind: text,
    apiVersion: text,
    metadata: {
      uid: real.uid,
      name: text,
      namespace: text,
      resourceVersion: '11',
      creationTimestamp: text,
      labels: { [text]: text },
      annotations: { [text]: text, 'kubernetes.io/config.mirror': text, 'kubernetes.io/config.source': text },
      ownerReferences: [{ kind: text, name: text, uid: text, controller: true }],
    },
    spec: { nodeName: node, hostNetwork: text, containers: real.containers.map(() => ({ name: text, image: text })) },
    status: {
      phase: text,
      qosClass: text,
      podIP: text,
      containerStatuses: real.containers.map(({ id }) => ({
        name: text,
        containerID: `${text}://${id}`,
        state: { [text]: { startedAt: text } },
      })),
    },
  };
}

/** What is no pod at all, or has no name to be known by. */
export const unknowable: readonly unknown[] = [
  null,
  42,
  'a string',
  [],
  {},
  { metadata: null },
  { metadata: { uid: '../../../etc', name: 'x', namespace: 'x' } },
  { metadata: { uid: '/', name: 'x', namespace: 'x' } },
  { metadata: { uid: 'a\nb', name: 'x', namespace: 'x' } },
  { metadata: { uid: { toString: 'x' }, name: 'x', namespace: 'x' } },
  { metadata: { uid: 'no-name', namespace: 'x' } },
  { metadata: { uid: 'no-namespace', name: 'x' } },
  { metadata: { uid: 'numbers', name: 1, namespace: 2 } },
];

export function healthyPod(name: string, node: string, real: RealPod, labels: Readonly<Record<string, string>> = {}): object {
  return {
    metadata: { uid: real.uid, name, namespace: 'default', resourceVersion: '11', labels },
    spec: { nodeName: node, containers: real.containers.map((container) => ({ name: container.name })) },
    status: runningStatus(real),
  };
}
