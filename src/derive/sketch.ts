import { createHash } from 'node:crypto';

/**
 * Counts what is different in a window of time that moves on, within 3 % or so and in 25 KB however much that is: HyperLogLog
 * (Flajolet, Fusy, Gandouet and Meunier, 2007), one set of registers for each part of the window.
 */
export interface Sketch {
  /** Counts what has this mark, in the part of the window that goes on now. */
  add(mark: number): void;
  /** Begins the next part of the window, and lets go of the oldest. */
  advance(): void;
  readonly size: number;
}

const indexBits = 10;
const registers = 2 ** indexBits;
const rankBits = 6;
/** The authors' correction for so many registers. */
const alpha = 0.7213 / (1 + 1.079 / registers);
/** Below this the registers that nothing came to tell more. */
const few = 2.5 * registers;

/** What a sketch needs to know of a key: small, the same for the same bytes, and not to be steered by who chooses them. */
export function markOf(key: Uint8Array): number {
  const digest = createHash('sha256').update(key).digest();
  const index = digest.readUInt16BE(0) >>> (16 - indexBits);
  return (index << rankBits) | (Math.clz32(digest.readUInt32BE(2)) + 1);
}

export function createSketch(parts: number): Sketch {
  const ring = Array.from({ length: parts }, () => new Uint8Array(registers));
  /** The highest of all parts. */
  const highest = new Uint8Array(registers);
  let at = 0;
  let empty = registers;
  /** The sum of 2^-register; exact, since no rank is above 33. */
  let inverses = registers;

  function raise(index: number, rank: number): void {
    const before = highest[index] ?? 0;
    if (rank <= before) return;
    highest[index] = rank;
    if (before === 0) empty -= 1;
    inverses += 2 ** -rank - 2 ** -before;
  }

  return {
    add(mark) {
      const index = mark >>> rankBits;
      const rank = mark & (2 ** rankBits - 1);
      const part = ring[at];
      if (part !== undefined && rank > (part[index] ?? 0)) part[index] = rank;
      raise(index, rank);
    },
    advance() {
      at = (at + 1) % parts;
      ring[at]?.fill(0);
      highest.fill(0);
      empty = registers;
      inverses = registers;
      for (const part of ring) for (let index = 0; index < registers; index += 1) raise(index, part[index] ?? 0);
    },
    get size() {
      const raw = (alpha * registers * registers) / inverses;
      return Math.round(raw <= few && empty > 0 ? registers * Math.log(registers / empty) : raw);
    },
  };
}
