import { describe, expect, test } from 'vitest';
import { reply, silence, startScriptedInflux } from '../../support/scripted-influx.ts';
import { podList, refusal, scriptedApi, watchThatStays } from '../../support/scripted-api.ts';
import { until } from '../../support/until.ts';
import { runningWatch } from '../watch/running-watch.ts';
import { serveScene } from './scene.ts';

const text = 'text/plain; charset=utf-8';
const ok = { status: 200, type: text, text: 'ok\n' };

describe('/healthz', () => {
  test('is well before the first cycle for as long as starting may take, then tells that none came', async () => {
    await using scene = await serveScene();
    scene.clock.ms += 30_000;
    expect(await scene.get('/healthz')).toEqual(ok);
    scene.clock.ms += 1000;
    expect(await scene.get('/healthz')).toEqual({
      status: 503,
      type: text,
      text: 'no cycle began or ended for 31 s, which is more than 30 s\n',
    });
  });

  test('is well as long as cycles begin or end, and again when a loop that was dead goes on', async () => {
    await using scene = await serveScene();
    for (let cycle = 0; cycle < 4; cycle += 1) {
      scene.clock.ms += 25_000;
      scene.progress.begin();
      scene.clock.ms += 25_000;
      expect(await scene.get('/healthz')).toEqual(ok);
      scene.progress.end(25_000, 0);
    }
    scene.clock.ms += 40_000;
    expect((await scene.get('/healthz')).status).toBe(503);
    scene.progress.begin();
    expect(await scene.get('/healthz')).toEqual(ok);
  });

  test('is patient for three periods where these are long', async () => {
    await using scene = await serveScene({ periodMs: 60_000 });
    scene.clock.ms += 180_000;
    expect(await scene.get('/healthz')).toEqual(ok);
    scene.clock.ms += 1;
    expect((await scene.get('/healthz')).status).toBe(503);
  });

  test('cares neither for InfluxDB nor for the API server', async () => {
    await using api = await scriptedApi();
    api.script(refusal(500, 'no'));
    await using running = runningWatch(api.url);
    await api.request(2);
    await using scene = await serveScene({ watch: running.watch, queueMaxBytes: 300 });
    scene.write(1);
    await until('InfluxDB was asked', () => scene.writer.stats.failed > 0);
    for (let pods = 2; pods < 9; pods += 1) scene.write(pods);
    expect(scene.writer.stats.dropped).toBeGreaterThan(0);
    expect((await scene.get('/readyz')).status).toBe(503);
    expect(await scene.get('/healthz')).toEqual(ok);
  });
});

describe('/readyz', () => {
  test('is not well before the API server has listed the pods, and is from then on, whatever becomes of the API server', async () => {
    await using api = await scriptedApi();
    api.script(refusal(500, 'no'));
    await using running = runningWatch(api.url);
    await api.request(2);
    await using scene = await serveScene({ watch: running.watch });
    expect(await scene.get('/readyz')).toEqual({
      status: 503,
      type: text,
      text: 'the API server has not listed the pods of this node yet\n',
    });
    api.script(podList('1'), watchThatStays());
    await until('the pods are listed', () => running.watch.ready);
    expect(await scene.get('/readyz')).toEqual(ok);
    api.cut();
    await api.request(4);
    expect(await scene.get('/readyz')).toEqual(ok);
  });

  test('is well while points wait for InfluxDB, not while they are dropped, and again some time after the last drop', async () => {
    await using influx = await startScriptedInflux([reply(503), reply(503), silence], reply(204));
    await using scene = await serveScene({ influx: influx.url, queueMaxBytes: 300 });
    scene.write(1);
    await influx.arrived(3);
    expect(scene.writer.stats).toMatchObject({ waiting: 1, dropped: 0 });
    expect(await scene.get('/readyz')).toEqual(ok);

    for (let pods = 2; pods < 9; pods += 1) scene.write(pods);
    expect(scene.writer.stats.dropped).toBeGreaterThan(0);
    const full = {
      status: 503,
      type: text,
      text: 'the queue is at its cap: the target takes too little, and the oldest points are dropped\n',
    };
    expect(await scene.get('/readyz')).toEqual(full);
    scene.clock.ms += 30_000;
    expect(await scene.get('/readyz')).toEqual(full);
    scene.clock.ms += 1;
    expect(await scene.get('/readyz')).toEqual(ok);
  });

  test('cares nothing for the cycles', async () => {
    await using scene = await serveScene();
    scene.clock.ms += 3_600_000;
    expect(await scene.get('/readyz')).toEqual(ok);
  });
});
