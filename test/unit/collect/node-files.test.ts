import { expect, test } from 'vitest';
import { readNodeFiles } from '../../../src/collect/node-files.ts';
import type { Fields } from '../../../src/model.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { meminfoText, stat } from '../host/proc-texts.ts';
import { hostOf } from './host-of.ts';
import { procFields, procFiles, procOnlyFields } from './node-scene.ts';

/** What is known, and what was complained of. */
async function filesOf(entries: HostEntries) {
  const { host, warnings } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n', ...entries });
  return { fields: known(readNodeFiles(host, 'node')), warnings };
}

function known(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const all: Fields = { ...procFields, ...procOnlyFields };

function without(...patterns: readonly RegExp[]): Fields {
  return Object.fromEntries(Object.entries(all).filter(([field]) => !patterns.some((pattern) => pattern.test(field))));
}

const ofStat = [/^cpu_(?!pressure)/, /^context_switches$/, /^forks$/, /^tasks_/, /^boot_at/];

test('all files together', async () => {
  expect(await filesOf(procFiles)).toEqual({ fields: all, warnings: [] });
});

test.each([
  ['stat', ofStat],
  ['loadavg', [/^load/, /^tasks$/]],
  ['meminfo', [/^memory_\w+_bytes$/, /^swap_/]],
  ['vmstat', [/^oom_kills_total$/, /page_faults$/]],
  ['pressure/cpu', [/^cpu_pressure/]],
  ['pressure/memory', [/^memory_pressure/]],
  ['pressure/io', [/^io_pressure/]],
  ['pressure/irq', [/^irq_pressure/]],
] as const)('a kernel without %s: its fields are absent, and no others', async (name, patterns) => {
  const { [`proc/${name}`]: _, ...rest } = procFiles;
  expect(await filesOf(rest)).toEqual({ fields: without(...patterns), warnings: [] });
});

test.each([
  ['garbage', 'x\u0000y z\n'],
  ['nothing', ''],
])('files full of %s are no zeros', async (_case, text) => {
  const { fields } = await filesOf(Object.fromEntries(Object.keys(procFiles).map((name) => [name, text])));
  expect(fields).toEqual({});
});

test('what is a difference is absent where one of the two is, and never below 0', async () => {
  const noFree = await filesOf({ 'proc/meminfo': meminfoText.replace(/^(Mem|Swap)Free:.*\n/gm, '') });
  expect(noFree.fields).toEqual({
    memory_total_bytes: all.memory_total_bytes,
    memory_available_bytes: all.memory_available_bytes,
    memory_rss_bytes: all.memory_rss_bytes,
    memory_cache_bytes: all.memory_cache_bytes,
    memory_inactive_file_bytes: all.memory_inactive_file_bytes,
    swap_total_bytes: all.swap_total_bytes,
  });
  const more = await filesOf({ 'proc/meminfo': 'MemTotal: 4 kB\nMemFree: 5 kB\nSwapTotal: 0 kB\nSwapFree: 1 kB\n' });
  expect(more.fields).toMatchObject({ memory_free_bytes: 5120, swap_total_bytes: 0, swap_usage_bytes: 0 });
  const noBuffers = await filesOf({ 'proc/meminfo': meminfoText.replace(/^Buffers:.*\n/m, '') });
  expect(noBuffers.fields.memory_cache_bytes).toBeUndefined();
});

test('a line that is malformed costs itself, and is quoted once', async () => {
  const { fields, warnings } = await filesOf({ 'proc/stat': stat.replace('btime 1795471448', 'btime soon') });
  expect(fields.boot_at_milliseconds).toBeUndefined();
  expect(fields.forks).toBe(all.forks);
  expect(warnings).toEqual([expect.stringContaining('btime soon')]);
});

test('pressure of a kernel that has no full of CPU, and none of irq', async () => {
  const { fields } = await filesOf({
    'proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=9223372036854775807\n',
  });
  expect(fields).toEqual({
    cpu_pressure_some_microseconds: 9_223_372_036_854_775_807n,
    cpu_pressure_some_avg10_percent: 0,
    cpu_pressure_some_avg60_percent: 0,
    cpu_pressure_some_avg300_percent: 0,
  });
});
