/** A made-up host, and what reading on it needs: a clock that the test moves, problems that are kept. */
import { onTestFinished } from 'vitest';
import { createHost } from '../../../src/collect/host.ts';
import type { Host } from '../../../src/collect/host.ts';
import type { Reading } from '../../../src/collect/reading.ts';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createProcessFinder } from '../../../src/locate/process.ts';
import { collectorNames } from '../../../src/metrics/collectors.ts';
import type { CollectorName } from '../../../src/metrics/collectors.ts';
import type { Fields, Tags } from '../../../src/model.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries, HostTree } from '../../support/host-tree.ts';
import { fieldsOf } from '../metrics/fields-of.ts';

export interface TestHost {
  readonly tree: HostTree;
  readonly host: Host;
  /** `step` is added each time that somebody asks for the time. */
  readonly clock: { time: number; step: number };
  readonly warnings: readonly string[];
}

export interface TestHostOptions {
  readonly collectors?: readonly CollectorName[];
  /** Most descriptors that are kept: without any each file is opened for each read. */
  readonly descriptors?: number;
}

export async function hostOf(entries: HostEntries, { collectors, descriptors = 100 }: TestHostOptions = {}): Promise<TestHost> {
  const tree = await hostTree(entries);
  onTestFinished(() => tree[Symbol.asyncDispose]());
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const problems = createProblems({
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (_, message) => void warnings.push(message.replaceAll(tree.path, '')),
  });
  const clock = { time: 1000, step: 0 };
  const parts = {
    hierarchy: detectHierarchy(tree.cgroupRoot),
    procRoot: tree.procRoot,
    descriptors: createDescriptors({ max: descriptors }),
    problems,
    startedAt: () => 0,
    exists: () => false,
    now: () => (clock.time += clock.step),
  };
  const processes = createProcessFinder(parts);
  const host = createHost({ ...parts, processes, collectors: collectors ?? collectorNames });
  return { tree, host, clock, warnings };
}

/** Files of one directory. */
export function filesIn(directory: string, texts: Readonly<Record<string, string>>): HostEntries {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${directory}/${name}`, text]));
}

export interface NamedReading {
  readonly measurement: string;
  readonly tags: Tags;
  readonly fields: Fields;
}

/** A reading by the names of its fields. */
export function named({ series: { measurement, tags }, values }: Reading): NamedReading {
  return { measurement, tags, fields: fieldsOf(measurement, values) };
}
