import type { Point } from '../../unit/write/parse-line.ts';
import type { TakenCycle } from './law.ts';

/** Cuts the stream of points into cycles: the heartbeat is the last point of each. Keeps none that it gave out. */
export function createCycles(give: (cycle: TakenCycle) => void): (point: Point, arrivedBefore: number) => void {
  let points: Point[] = [];
  let number = 0;
  return (point, arrivedBefore) => {
    if (point.measurement !== 'podgauge') {
      points.push(point);
      return;
    }
    number += 1;
    give({ number, beat: point, points, arrivedBefore });
    points = [];
  };
}
