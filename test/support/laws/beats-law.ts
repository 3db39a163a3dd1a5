import { amount, createTally, type Law } from './law.ts';

/** What must never happen on a healthy node, as the heartbeat counts it. */
const errors = ['files_denied', 'lines_malformed', 'objects_malformed', 'points_rejected', 'points_dropped', 'sends_failed'];

/** No heartbeat is lost, no error is counted, and each says how many points its cycle has. */
export function createBeatsLaw(): Law {
  const sequence = createTally('heartbeats without a gap');
  const faultless = createTally('no error counted');
  const counted = createTally('points as the heartbeat counts them');
  let run: unknown;

  return {
    take({ number, beat, points }) {
      run ??= beat.fields['run'];
      const own = amount(beat, 'sequence');
      sequence.hold(
        own === number && beat.fields['run'] === run,
        () => `heartbeat ${number} is ${own} of ${String(beat.fields['run'])}`,
      );
      const found = errors.filter((name) => amount(beat, name) !== 0);
      faultless.hold(
        found.length === 0,
        () => `cycle ${number}: ${found.map((name) => `${name} ${amount(beat, name)}`).join(', ')}`,
      );
      const all = points.filter(({ measurement }) => !measurement.startsWith('podgauge_')).length;
      counted.hold(all === amount(beat, 'points'), () => `cycle ${number}: ${all} points of ${amount(beat, 'points')}`);
    },
    verdicts: () => [sequence, faultless, counted].map(({ verdict }) => verdict),
  };
}
