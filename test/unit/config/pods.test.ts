import { expect, test } from 'vitest';
import { load, refusal } from './load.ts';
import type { Layers } from './load.ts';

const contradictions: readonly (readonly [Layers, string])[] = [
  [
    { env: { PODGAUGE_NAMESPACES: '!kube-system' } },
    'Source cgroup knows no namespaces, but variable PODGAUGE_NAMESPACES tells them apart: set --source (PODGAUGE_SOURCE) to ' +
      'kubernetes, or leave it out',
  ],
  [
    { file: 'namespaces: !kube-system' },
    'Cannot read config file "/etc/podgauge.yaml": "Unresolved tag: !kube-system at line 1, column 13"',
  ],
  [
    { argv: ['--pod-labels=pod'] },
    'Tag "pod" of flag --pod-labels is one of podgauge\'s own: set another name, as in pod=my_pod',
  ],
  [
    { argv: ['--pod-annotations=example.com/pids=pids'] },
    'Tag "pids" of flag --pod-annotations is one of podgauge\'s own: set another name, as in example.com/pids=my_pids',
  ],
  [
    { argv: ['--pod-labels=app'], env: { PODGAUGE_POD_ANNOTATIONS: 'example.com/app=app' } },
    'Tag "app" of variable PODGAUGE_POD_ANNOTATIONS is given by flag --pod-labels already: set another name, as in ' +
      'example.com/app=my_app',
  ],
  [
    { argv: ['--info-labels=a.b,a_b'] },
    'Field "label_a_b" of flag --info-labels is given by flag --info-labels already: set another name, as in a_b=my_a_b',
  ],
];
test.each(contradictions)('%j is refused', async (layers, message) => {
  expect(await refusal(layers)).toBe(message);
});

test('a label and an annotation of one key are two fields of the info, and need two names as tags', async () => {
  const both = ['--pod-labels=app', '--pod-annotations=app=app_note', '--info-labels=app', '--info-annotations=app'];
  expect((await load({ argv: both, env: { KUBECONFIG: '/k', NODE_NAME: 'n' } })).pods).toEqual({
    namespaces: [],
    optOut: false,
    tags: [
      { from: 'label', key: 'app', name: 'app' },
      { from: 'annotation', key: 'app', name: 'app_note' },
    ],
    infoFields: [
      { from: 'label', key: 'app', name: 'label_app' },
      { from: 'annotation', key: 'app', name: 'annotation_app' },
    ],
  });
});

test('a list of the file is one', async () => {
  const { pods } = await load({ file: 'namespaces: [team-*, "!team-b"]', env: { KUBECONFIG: '/k', NODE_NAME: 'n' } });
  expect(pods.namespaces).toEqual(['team-*', '!team-b']);
});

test('a directory for names where nobody gives any is worth a warning', async () => {
  expect((await load({ argv: ['--state-dir=/state'] })).warnings).toEqual([
    'Nothing comes of flag --state-dir: source cgroup knows no names that could be kept',
  ]);
});

test('labels where there is no API server are worth a warning', async () => {
  expect((await load({ argv: ['--info-labels=app'] })).warnings).toEqual([
    'Nothing comes of flag --info-labels: source cgroup knows neither labels nor annotations',
  ]);
});
