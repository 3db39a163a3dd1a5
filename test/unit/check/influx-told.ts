import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../../src/check/finding.ts';
import { checkInflux } from '../../../src/check/influx.ts';

export interface InfluxAttempt {
  readonly url: string;
  readonly org?: string;
  readonly bucket?: string;
  /** PEM. */
  readonly ca?: string;
  readonly caFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  /** For each request. */
  readonly timeoutMs?: number;
  /** Unix milliseconds. */
  readonly wall?: () => number;
}

/** What is found of an InfluxDB. */
export async function influxTold({
  ca,
  token,
  tokenFile,
  wall = Date.now,
  timeoutMs = 20_000,
  ...attempt
}: InfluxAttempt): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-influx-'));
  try {
    const caFile = join(folder, 'ca.crt');
    if (ca !== undefined) await writeFile(caFile, ca);
    const output = {
      kind: 'influxdb' as const,
      org: 'my-org',
      bucket: 'k8s',
      ...attempt,
      ...(ca !== undefined && { caFile }),
      ...(token !== undefined && { token: { kind: 'environment' as const, reveal: () => token } }),
      ...(tokenFile !== undefined && { token: { kind: 'file' as const, path: tokenFile } }),
    };
    return await checkInflux({ output, env: {}, timeoutMs, wall }, new AbortController().signal);
  } finally {
    await rm(folder, { recursive: true });
  }
}
