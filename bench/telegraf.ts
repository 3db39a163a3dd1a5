/** Telegraf on the same cgroups, where its binary is at hand: reading the same kinds of files, sending to the same place. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RealPod } from '../test/support/cgroup-host.ts';

export interface TelegrafOptions {
  readonly pods: readonly RealPod[];
  readonly url: string;
  readonly periodMs: number;
  readonly cycles: number;
}

export interface TelegrafCost {
  readonly version: string;
  readonly cpuMs: number;
  readonly rssMib: number;
}

/** The files podgauge reads on v1, by controller. */
const files = {
  cpuacct: ['cpuacct.usage', 'cpuacct.stat'],
  cpu: ['cpu.stat'],
  memory: ['memory.usage_in_bytes', 'memory.stat', 'memory.limit_in_bytes'],
  pids: ['pids.current', 'pids.max'],
};
const ticksPerSecond = 100;

/** `undefined` without `TELEGRAF` in the environment. */
export async function measureTelegraf({ pods, url, periodMs, cycles }: TelegrafOptions): Promise<TelegrafCost | undefined> {
  const binary = process.env['TELEGRAF'];
  if (binary === undefined) return undefined;
  const { stdout: version } = await promisify(execFile)(binary, ['--version']);
  using folder = mkdtempDisposableSync(join(tmpdir(), 'podgauge-telegraf-'));
  const config = join(folder.path, 'telegraf.conf');
  writeFileSync(config, configOf(pods, url, periodMs));
  const child = spawn(binary, ['--config', config, '--quiet'], { stdio: 'ignore' });
  try {
    await setTimeout(10 * periodMs);
    const before = cpuTicks(child.pid);
    await setTimeout(cycles * periodMs);
    const ticks = cpuTicks(child.pid) - before;
    const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    return { version: version.trim(), cpuMs: ((ticks / ticksPerSecond) * 1000) / cycles, rssMib: Number(rss) / 1024 };
  } finally {
    child.kill('SIGKILL');
  }
}

function configOf(pods: readonly RealPod[], url: string, periodMs: number): string {
  const paths = pods.flatMap((pod) => [pod.path, ...pod.containers.map(({ path }) => path)]);
  const inputs = Object.entries(files).map(([controller, names]) => {
    const directories = paths.map((path) => `/sys/fs/cgroup/${controller}${path}`);
    return `[[inputs.cgroup]]\n  paths = ${JSON.stringify(directories)}\n  files = ${JSON.stringify(names)}\n`;
  });
  return `[agent]
  interval = "${periodMs}ms"
  flush_interval = "${periodMs}ms"
  metric_batch_size = 5000
[[outputs.influxdb_v2]]
  urls = ["${url}"]
  token = "bench"
  organization = "bench"
  bucket = "bench"
  content_encoding = "gzip"
${inputs.join('')}`;
}

function cpuTicks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
