import { expect, test } from 'vitest';
import { createMemoryCourse, keepsNoMarkOfPods, keptAt } from '../../../support/laws/upkeep.ts';
import { parseLine } from '../../write/parse-line.ts';

test('what is kept is told by name, and differs where one number does', () => {
  const beat = (descriptors: number) =>
    parseLine(`podgauge,node=n pods=0i,containers=0i,descriptors=${descriptors}i,rate_bases=2i,log_marks=0i,rss_bytes=1i 1`);
  expect(keptAt(beat(5))).toBe('pods 0, containers 0, descriptors 5, rate_bases 2');
  expect(keptAt(beat(6))).not.toBe(keptAt(beat(5)));
});

test('a mark that is kept has to be of the node', () => {
  const beat = (marks: number) => parseLine(`podgauge,node=n log_marks=${marks}i 1`);
  const line = (owner: string) => JSON.stringify({ level: 'warn', kind: 'slow', owner, cause: 'route slow' });
  const log = ['no JSON', JSON.stringify({ msg: 'has started' }), line('node'), line('ad8aff73-3a53-43bd-a030-839630f4ea35')];
  expect([0, 1, 2].map((marks) => keepsNoMarkOfPods(beat(marks), log))).toEqual([true, true, false]);
});

test('the course of memory is a median for each tenth of the time', () => {
  const course = createMemoryCourse();
  for (let i = 0; i < 30; i += 1) course.take(parseLine(`podgauge,node=n rss_bytes=${(i + 1) * 1_048_576}i ${i}`));
  expect(course.tenths()).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
});
