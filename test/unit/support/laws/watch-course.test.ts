import { expect, test } from 'vitest';
import { createWatchCourse } from '../../../support/laws/watch-course.ts';
import { parseLine } from '../../write/parse-line.ts';

test('requests and silences are told, and nothing else', () => {
  const course = createWatchCourse();
  for (const [i, [lists, starts, silent]] of [
    [1, 1, 0],
    [1, 1, 4],
    [1, 1, 5],
    [1, 1, 7],
    [1, 2, 0],
    [2, 3, 0],
    [2, 3, 0],
  ].entries())
    course.take(
      parseLine(
        `podgauge,node=n sequence=${i + 1}i,watch_lists=${lists}i,watch_starts=${starts}i,watch_age_seconds=${silent}i 1`,
      ),
    );
  expect(course.lines()).toEqual([
    'cycle 1: lists 1, watches 1',
    'cycle 3 to 4: silent for up to 7 s',
    'cycle 5: lists 1, watches 2',
    'cycle 6: lists 2, watches 3',
  ]);
});
