/** What the agent serves, on a port of its own, over real parts and a clock that the test moves. */
import { setTimeout } from 'node:timers/promises';
import { openCardinality } from '../../../src/cardinality.ts';
import { createMeters } from '../../../src/collect/meters.ts';
import { createRates } from '../../../src/derive/rates.ts';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Own } from '../../../src/own.ts';
import { createProblems } from '../../../src/problems.ts';
import { createProgress } from '../../../src/progress.ts';
import { serve } from '../../../src/serve/serve.ts';
import type { PodWatch } from '../../../src/watch/pods.ts';
import { createInfluxTarget } from '../../../src/write/influx.ts';
import { createWriter } from '../../../src/write/writer.ts';
import { createLog } from '../write/scripted-target.ts';
import type { LogLine } from '../write/scripted-target.ts';

export interface SceneOptions {
  /** Of InfluxDB. */
  readonly influx?: URL;
  readonly queueMaxBytes?: number;
  readonly watch?: PodWatch;
  readonly periodMs?: number;
  readonly usage?: Own['usage'];
}

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

const nodeTags = { cluster: 'c', node: 'n' };
/** Where nobody listens. */
const nowhere = new URL('http://127.0.0.1:1');

const moderate: Own['usage'] = () => ({ cpuNanoseconds: 1_500_000_000, rssBytes: 70_000_000 });

export async function serveScene(options: SceneOptions = {}) {
  const { influx = nowhere, queueMaxBytes = 1_000_000, watch, periodMs = 1000, usage = moderate } = options;
  const clock = { ms: 5_000_000 };
  const now = (): number => clock.ms;
  const logged: LogLine[] = [];
  const log = createLog(logged);
  const stop = new AbortController();
  const writer = createWriter({
    target: createInfluxTarget({ url: influx, org: 'o', bucket: 'b', token: async () => 't', env: {}, wall: () => 0 }),
    maxBytes: queueMaxBytes,
    now,
    random: () => 0.5,
    wait: (_, signal) => setTimeout(1, undefined, { signal }).catch(() => undefined),
    log,
  });
  const sending = writer.run(stop.signal);
  const { census, podTags } = openCardinality({
    config: { pods: { namespaces: [], optOut: false, tags: [], infoFields: [] }, maxSeries: 0 },
    nodeTags,
    log,
    now,
    exists: () => true,
    isStarting: () => false,
  });
  const parts = {
    startedAt: 1_700_000_000_500,
    progress: createProgress(now),
    tracker: { pods: 3, containers: 5 },
    rates: createRates(),
    descriptors: createDescriptors({ max: 10 }),
    problems: createProblems(log),
    writer,
    queueMaxBytes,
    watch,
    held: undefined,
    savingProblems: undefined,
    meters: createMeters(),
    cardinality: { census, podTags },
    now,
    usage,
  };
  const own: Own = parts;
  const listen = { host: '127.0.0.1', port: 0, text: '127.0.0.1:0', chosen: true };
  const server = await serve(listen, { own, source: watch ?? { ready: true }, periodMs }, log);
  if (server === undefined) throw new Error('Nothing is served');
  const { port } = server.address;
  return {
    ...parts,
    clock,
    logged,
    port,
    server,
    /** Queues one point. */
    write(pods: number): void {
      const time = 1_700_000_000_000 + pods;
      writer.write([{ measurement: 'podgauge', tags: nodeTags, time, values: valuesOf('podgauge', { pods }) }]);
      writer.flush();
    },
    async get(path: string, accept?: string): Promise<Reply> {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, accept === undefined ? {} : { headers: { accept } });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await sending;
      await server.close();
    },
  };
}
