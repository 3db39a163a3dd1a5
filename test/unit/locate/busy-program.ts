/**
 * Looks at a tree of cgroups, given by its root, while the process is out of descriptors, and after; prints the pods and slices that are known
 * each time. To be run where few files may be open.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createPodDirectories } from '../../../src/locate/pod-directories.ts';
import { createSliceList } from '../../../src/locate/slices.ts';
import { createProblems } from '../../../src/problems.ts';

const [root = ''] = process.argv.slice(2);
const silent = () => {};
const problems = createProblems({ debug: silent, info: silent, warn: silent, error: silent });
let ms = 0;
const now = () => ms;
const directories = createPodDirectories({ root, problems, now });
const slices = createSliceList({ hierarchy: detectHierarchy(root), limit: 100, problems, now });

function look(): string {
  directories.refresh();
  slices.refresh();
  const pods = Array.from(directories.holders(), ({ name }) => name).toSorted();
  const names = slices.list().map(({ name }) => name);
  return [...pods, ...names].join(' ');
}

function openAll(): readonly number[] {
  const open: number[] = [];
  for (;;) {
    try {
      open.push(openSync('/dev/null', 'r'));
    } catch {
      return open;
    }
  }
}

const seen = [look()];
mkdirSync(join(root, 'kubepods/pody'));
mkdirSync(join(root, 'system.slice/b.service'));
// For inotify's events to come.
await setTimeout(100);
const open = openAll();
seen.push(look());
ms = 60_000;
seen.push(look());
for (const descriptor of open) closeSync(descriptor);
ms = 69_999;
seen.push(look());
ms = 70_000;
seen.push(look());
directories.close();
slices.close();
console.log(JSON.stringify({ seen, denied: problems.counts.denied }));
