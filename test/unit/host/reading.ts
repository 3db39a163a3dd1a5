/** What reading needs in tests: a directory that goes away after, a clock that is set by hand, problems that are kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDescriptors, type Descriptors } from '../../../src/host/descriptors.ts';
import type { Parser } from '../../../src/host/parser.ts';
import { createProblems, type Problems } from '../../../src/problems.ts';

export interface Reading {
  readonly directory: string;
  readonly clock: { time: number };
  /** What was logged. */
  readonly messages: readonly string[];
  readonly problems: Problems;
  readonly descriptors: Descriptors;
  /** What openKernelFile and openProcess take of it. */
  readonly options: { owner: string; problems: Problems; descriptors: Descriptors; now: () => number };
}

export function createReading({ max }: { readonly max: number }): Reading {
  const directory = mkdtempSync(join(tmpdir(), 'podgauge-host-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const messages: string[] = [];
  const clock = { time: 1000 };
  function ignore(): void {}
  const problems = createProblems({
    debug: ignore,
    info: ignore,
    error: ignore,
    warn(data, message) {
      messages.push(`${JSON.stringify(data)} ${message.replaceAll(directory, '<dir>')}`);
    },
  });
  const descriptors = createDescriptors({ max });
  return {
    directory,
    clock,
    messages,
    problems,
    descriptors,
    options: { owner: 'pod-1', problems, descriptors, now: () => clock.time },
  };
}

/** A path as openKernelFile takes it. */
export function placeOf(path: string): { readonly directory: string; readonly name: string } {
  return { directory: dirname(path), name: basename(path) };
}

export const parseWhole: Parser<string> = (bytes, end) => Buffer.from(bytes.subarray(0, end)).toString();
