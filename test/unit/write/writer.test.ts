import { expect, test } from 'vitest';
import { blankOf, valuesOf } from '../../../src/metrics/values.ts';
import type { Sample } from '../../../src/model.ts';
import { createInfluxTarget } from '../../../src/write/influx.ts';
import { createWriter } from '../../../src/write/writer.ts';
import type { Writer } from '../../../src/write/writer.ts';
import { influxError, reply, silence, startScriptedInflux } from '../../support/scripted-influx.ts';
import { createLog } from './scripted-target.ts';

const tags = { cluster: 'default', node: 'worker-1' };
const line = (pods: number): string => `podgauge,cluster=default,node=worker-1 pods=${pods}i 1700000000123000000\n`;

function beat(pods: number): Sample {
  return { measurement: 'podgauge', tags, values: valuesOf('podgauge', { pods }), time: 1_700_000_000_123 };
}

function writerTo(url: URL): Writer {
  return createWriter({
    target: createInfluxTarget({ url, org: 'o', bucket: 'b', token: async () => 't', env: {}, wall: () => 0 }),
    maxBytes: 1_000_000,
    now: () => 0,
    random: () => 0,
    wait: async () => {},
    log: createLog([]),
  });
}

test('points reach InfluxDB as line protocol, through failures', async () => {
  await using influx = await startScriptedInflux([reply(503), influxError(401, 'unauthorized', 'no')]);
  const writer = writerTo(influx.url);
  const stop = new AbortController();
  const ended = writer.run(stop.signal);
  expect(writer.write([beat(1), beat(0.5), beat(2)])).toBe(2);
  writer.flush();
  await influx.arrived(3);
  stop.abort();
  await ended;
  expect(influx.received.map(({ body }) => body)).toEqual([1, 2, 3].map(() => line(1) + line(2)));
  expect(writer.stats).toMatchObject({ dropped: 0, rejected: 0, failed: 2, skipped: 1 });
});

test('close sends what waits', async () => {
  await using influx = await startScriptedInflux();
  const writer = writerTo(influx.url);
  writer.write([beat(1)]);
  writer.flush();
  writer.write([beat(2)]);
  writer.flush();
  expect(await writer.close(new AbortController().signal)).toBe(0);
  expect(influx.received.map(({ body }) => body)).toEqual([line(1), line(2)]);
  expect(writer.stats).toMatchObject({ sent: 2, waiting: 0, bytes: 0 });
});

test('close gives up with its signal and tells how many points are lost', async () => {
  await using influx = await startScriptedInflux([], silence);
  const writer = writerTo(influx.url);
  writer.write([beat(1), beat(2)]);
  writer.flush();
  const stop = new AbortController();
  const lost = writer.close(stop.signal);
  await influx.arrived(1);
  stop.abort();
  expect(await lost).toBe(2);
});

test('nothing to write is no request', async () => {
  await using influx = await startScriptedInflux();
  const writer = writerTo(influx.url);
  expect(writer.write([])).toBe(0);
  expect(writer.write([{ ...beat(1), values: blankOf('podgauge') }])).toBe(0);
  writer.flush();
  expect(await writer.close(new AbortController().signal)).toBe(0);
  expect(influx.received).toEqual([]);
});
