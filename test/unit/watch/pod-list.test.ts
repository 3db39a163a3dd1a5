import { expect, test } from 'vitest';
import { createProblems } from '../../../src/problems.ts';
import type { Problems } from '../../../src/problems.ts';
import { readPodList } from '../../../src/watch/pod-list.ts';
import { createPodReader } from '../../../src/watch/read-pod.ts';
import { everything } from '../../../src/watch/selection.ts';
import { recordingLogger } from './running-watch.ts';

const mebibyte = 1_048_576;

async function* listOf(items: number, bytesEach: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[');
  const filler = Buffer.alloc(bytesEach, 'x');
  for (let index = 0; index < items; index += 1) {
    yield Buffer.from(
      `${index === 0 ? '' : ','}{"metadata":{"uid":"pod-${index}","namespace":"default","name":"pod-${index}","x":"`,
    );
    yield filler;
    yield Buffer.from('"},"spec":{"nodeName":"n","containers":[{"name":"main"}]}}');
  }
  yield Buffer.from(']}');
}

function readerTo(problems: Problems) {
  return createPodReader({ node: 'n', selection: everything, problems });
}

function reader() {
  return readerTo(createProblems(recordingLogger([])));
}

test('a pod of more than 4 MiB is counted, the others of the list are there', async () => {
  async function* list(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      '{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"uid":"a","namespace":"d","name":"a","x":"',
    );
    yield Buffer.alloc(4 * mebibyte, 'x');
    yield Buffer.from(
      '"}},{"metadata":{"uid":"b","namespace":"d","name":"b"},"spec":{"nodeName":"n","containers":[{"name":"main"}]}}]}',
    );
  }
  const problems = createProblems(recordingLogger([]));
  const { pods, version } = await readPodList(list(), readerTo(problems));
  expect(pods.map(({ pod }) => pod.uid)).toEqual(['b']);
  expect(version).toBe('7');
  expect(problems.counts.object).toBe(1);
});

test('a list of more than 64 MiB is given up', async () => {
  await expect(readPodList(listOf(65, mebibyte), reader())).rejects.toThrow('the list of pods is larger than 67108864 bytes');
});

test('forty pods of a megabyte each are forty pods', async () => {
  const { pods } = await readPodList(listOf(40, mebibyte), reader());
  expect(pods).toHaveLength(40);
});
