import type { Sample } from '../model.ts';
import { createEncoder } from './line-protocol.ts';
import { createQueue } from './queue.ts';
import type { QueueOptions, QueueStats } from './queue.ts';

interface WriterStats extends QueueStats {
  /** Values and points that the line protocol cannot hold exactly. */
  readonly skipped: number;
}

/** The end of the way: points in, requests out. */
export interface Writer {
  /** Encodes points and puts them in the queue: never waits. Returns how many there were to write. */
  write(samples: readonly Sample[]): number;
  /** Sends until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Sends what is left until the signal aborts, once `run` has ended, and resolves with the points that are lost. */
  close(signal: AbortSignal): Promise<number>;
  readonly stats: WriterStats;
}

export function createWriter(options: QueueOptions): Writer {
  const encoder = createEncoder();
  const queue = createQueue(options);
  return {
    write(samples) {
      let points = 0;
      for (const sample of samples) if (encoder.add(sample)) points += 1;
      queue.add(encoder.take());
      return points;
    },
    run: queue.run,
    close: queue.drain,
    get stats() {
      return { ...queue.stats, skipped: encoder.skipped };
    },
  };
}
