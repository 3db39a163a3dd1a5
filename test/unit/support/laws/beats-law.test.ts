import { describe, expect, test } from 'vitest';
import { createBeatsLaw } from '../../../support/laws/beats-law.ts';
import { brokenBy, madeCycles } from './made-cycles.ts';

const node = (time: number) => `k8s_node,node=n forks=1i ${time}`;

/** The second of three heartbeats with another value of one field. */
function brokenWith(field: string, value: bigint) {
  const cycles = madeCycles([node(2000)], [node(4000)], [node(6000)]).map((cycle) =>
    cycle.number === 2 ? { ...cycle, beat: { ...cycle.beat, fields: { ...cycle.beat.fields, [field]: value } } } : cycle,
  );
  return brokenBy(createBeatsLaw, cycles);
}

describe('heartbeats', () => {
  test('are all there, of one run', () => {
    expect(brokenWith('sequence', 2n)).toEqual({});
    expect(brokenWith('sequence', 3n)).toEqual({ 'heartbeats without a gap': 1 });
    expect(brokenWith('run', 2n)).toEqual({ 'heartbeats without a gap': 1 });
  });

  test('count no error', () => {
    const law = { 'no error counted': 1 };
    expect(brokenWith('files_denied', 1n)).toEqual(law);
    expect(brokenWith('lines_malformed', 1n)).toEqual(law);
    expect(brokenWith('points_dropped', 1n)).toEqual(law);
  });

  test('say how many points there are', () => {
    expect(brokenWith('points', 2n)).toEqual({ 'points as the heartbeat counts them': 1 });
  });
});
