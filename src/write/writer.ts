import type { Sample } from '../model.ts';
import { createEncoder } from './line-protocol.ts';
import type { EncoderOptions } from './line-protocol.ts';
import { createQueue } from './queue.ts';
import type { QueueOptions, QueueStats } from './queue.ts';

interface WriterStats extends QueueStats {
  /** Values and points that the line protocol cannot hold exactly. */
  readonly skipped: number;
}

/** The end of the way: points in, requests out. */
export interface Writer {
  /** Encodes points, never waits, and returns how many there were to write. They go on their way at the next `flush`. */
  write(samples: readonly Sample[]): number;
  /** Puts what was encoded in the queue. */
  flush(): void;
  /** Sends until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Sends what is left until the signal aborts, once `run` has ended, and resolves with the points that are lost. */
  close(signal: AbortSignal): Promise<number>;
  readonly stats: WriterStats;
}

export interface WriterOptions extends QueueOptions {
  readonly encoder?: EncoderOptions;
}

export function createWriter(options: WriterOptions): Writer {
  const encoder = createEncoder(options.encoder);
  const queue = createQueue(options);
  return {
    write(samples) {
      let points = 0;
      for (const sample of samples) if (encoder.add(sample)) points += 1;
      return points;
    },
    flush() {
      queue.add(encoder.take());
    },
    run: queue.run,
    close: queue.drain,
    get stats() {
      return { ...queue.stats, skipped: encoder.skipped };
    },
  };
}
