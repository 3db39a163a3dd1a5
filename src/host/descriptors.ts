/** How many descriptors may be kept open between reads: each holds 4.7 KiB of kernel memory and counts against RLIMIT_NOFILE. */
import { closeSync } from 'node:fs';

/** Left for connections (those of 256 clients among them), the log, a walk through files, libuv and Node itself. */
export const reservedDescriptors = 384;

export interface Descriptors {
  readonly max: number;
  /** How many are kept open now. */
  readonly open: number;
  /** Takes a slot, or returns false where none is free: whoever asks first gets it, so open what is read most first. */
  take(): boolean;
  /** Gives a slot back. */
  release(): void;
}

export function createDescriptors({ max }: { readonly max: number }): Descriptors {
  let open = 0;
  return {
    max,
    get open() {
      return open;
    },
    take() {
      if (open >= max) return false;
      open += 1;
      return true;
    },
    release() {
      open -= 1;
    },
  };
}

export function closeDescriptor(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Nothing was written that could be lost, and Linux frees a descriptor even when close(2) fails.
  }
}
