import { describe, expect, test } from 'vitest';
import { markOf } from '../../../src/derive/sketch.ts';
import { exposition } from '../../../src/serve/exposition.ts';
import { selfMetrics } from '../../../src/serve/self-metrics.ts';
import type { SelfMetric } from '../../../src/serve/self-metrics.ts';
import { fallen, parseOpenMetrics } from '../../support/openmetrics.ts';
import { podList, scriptedApi, watchThatStays } from '../../support/scripted-api.ts';
import { startScriptedInflux } from '../../support/scripted-influx.ts';
import { until } from '../../support/until.ts';
import { runningWatch } from '../watch/running-watch.ts';
import { serveScene } from './scene.ts';

const openmetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const prometheus = 'text/plain; version=0.0.4; charset=utf-8';

test('it is OpenMetrics, with every number where it comes from', async () => {
  await using influx = await startScriptedInflux();
  await using api = await scriptedApi();
  api.script(podList('1'), watchThatStays());
  await using running = runningWatch(api.url);
  await api.request(2);
  await using scene = await serveScene({ influx: influx.url, watch: running.watch });
  scene.clock.ms = running.clock.ms;
  for (const milliseconds of [4, 5, 700]) scene.progress.end(milliseconds, 1);
  scene.progress.leaveOut(2);
  scene.progress.waited(250);
  scene.progress.waited(-1);
  scene.descriptors.take();
  scene.problems.report({ kind: 'denied', owner: 'u', cause: 'c', message: 'm' });
  Object.assign(scene.meters.memory, { milliseconds: 1500, reads: 12 });
  scene.cardinality.census.count('k8s_pod', markOf(Buffer.from('a series')));
  scene.write(1);
  await until('the point is sent', () => scene.writer.stats.sent === 1);
  scene.clock.ms += 1500;

  const { status, type, text } = await scene.get('/metrics');
  expect([status, type]).toEqual([200, openmetrics]);
  const families = parseOpenMetrics(text);
  const samples = [...families.values()].flatMap((family) => family.samples);
  const value = (name: string, labels: object = {}): number | undefined =>
    samples.find((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))?.value;
  expect([...families.keys()]).toEqual(selfMetrics.map(({ name }) => name));
  expect(value('podgauge_build_info', { version: 'from source', node_version: process.version })).toBe(1);
  expect(value('process_start_time_seconds')).toBe(1_700_000_000.5);
  expect(value('process_cpu_seconds_total')).toBe(1.5);
  expect(value('process_resident_memory_bytes')).toBe(70_000_000);
  expect([value('podgauge_event_loop_lag_seconds_count'), value('podgauge_event_loop_lag_seconds_sum')]).toEqual([2, 0.25]);
  expect([value('podgauge_cycles_total'), value('podgauge_cycles_skipped_total')]).toEqual([3, 2]);
  const bucket = (le: string) => value('podgauge_cycle_duration_seconds_bucket', { le });
  expect(['0.005', '0.5', '1.0', '+Inf'].map(bucket)).toEqual([2, 2, 3, 3]);
  expect(value('podgauge_cycle_duration_seconds_sum')).toBeCloseTo(0.709);
  expect(value('podgauge_cycle_age_seconds')).toBe(1.5);
  expect(value('podgauge_collector_duration_seconds_total', { collector: 'memory' })).toBe(1.5);
  expect(value('podgauge_collector_reads_total', { collector: 'memory' })).toBe(12);
  expect(value('podgauge_errors_total', { kind: 'denied' })).toBe(1);
  expect(value('podgauge_errors_total', { kind: 'gone' })).toBe(0);
  expect([value('podgauge_pods'), value('podgauge_containers'), value('podgauge_pods_late_total')]).toEqual([3, 5, 3]);
  expect(value('podgauge_series', { measurement: 'k8s_pod' })).toBe(1);
  expect([value('podgauge_descriptors'), value('podgauge_descriptors_limit')]).toEqual([1, 10]);
  expect([value('podgauge_log_marks'), value('podgauge_rate_bases')]).toEqual([1, 0]);
  expect([value('podgauge_queue_points'), value('podgauge_queue_bytes')]).toEqual([0, 0]);
  expect(value('podgauge_queue_limit_bytes')).toBe(1_000_000);
  expect([value('podgauge_points_sent_total'), value('podgauge_sends_failed_total')]).toEqual([1, 0]);
  expect([value('podgauge_watch_lists_total'), value('podgauge_watch_starts_total')]).toEqual([1, 1]);
  expect(value('podgauge_watch_age_seconds')).toBe(1.5);
});

test('without an API server nothing is said of a watch', async () => {
  await using scene = await serveScene();
  const families = [...parseOpenMetrics((await scene.get('/metrics')).text).keys()];
  expect(families.filter((name) => name.startsWith('podgauge_watch') || name.endsWith('filtered'))).toEqual([]);
  expect(families).toContain('podgauge_queue_points');
});

test('no counter falls from scrape to scrape', async () => {
  await using influx = await startScriptedInflux();
  await using scene = await serveScene({ influx: influx.url });
  const scrape = async () => parseOpenMetrics((await scene.get('/metrics')).text);
  let before = await scrape();
  for (let cycle = 1; cycle <= 5; cycle += 1) {
    scene.progress.begin();
    scene.write(cycle);
    scene.progress.end(cycle * 7, 0);
    const after = await scrape();
    expect(fallen(before, after)).toEqual([]);
    expect(fallen(after, before)).not.toEqual([]);
    before = after;
  }
});

describe('the format is what the client likes best', () => {
  test.each([
    ['nothing', undefined, openmetrics],
    ['anything', '*/*', openmetrics],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
        'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      openmetrics,
    ],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', openmetrics],
    ['Prometheus 2.4', 'text/plain;version=0.0.4;q=1,*/*;q=0.1', prometheus],
    ['text alone', 'text/plain', prometheus],
    ['a refusal', 'application/openmetrics-text;q=0, */*', prometheus],
    ['something else', 'image/png', prometheus],
    ['nonsense', ';;q=x,,q=9', prometheus],
  ])('%s', async (_, accept, type) => {
    await using scene = await serveScene();
    // `fetch` adds an Accept of its own where none is given, which is */*.
    const answer = await scene.get('/metrics', accept);
    expect(answer.type).toBe(type);
    expect(answer.text.endsWith('# EOF\n')).toBe(type === openmetrics);
  });
});

test("Prometheus' older text names counters by their samples and knows no info, unit or end", async () => {
  await using scene = await serveScene();
  const { text } = await scene.get('/metrics', 'text/plain');
  expect(text).toContain('# TYPE podgauge_cycles_total counter\npodgauge_cycles_total 0\n');
  expect(text).toMatch(/^# HELP podgauge_build_info .+\n# TYPE podgauge_build_info gauge\npodgauge_build_info\{/);
  expect(text).not.toMatch(/^# (?:UNIT|EOF)/m);
});

test('what would end a label, a line or a help text is escaped', async () => {
  await using scene = await serveScene();
  const hostile = 'a"b\\n\nc{},="';
  const row: SelfMetric = {
    name: 'x',
    type: 'gauge',
    help: hostile,
    label: 'y',
    readEach: () => [
      [hostile, 1.5e-7],
      ['', 1e21],
    ],
  };
  const family = parseOpenMetrics(exposition([row], scene, 'openmetrics')).get('x');
  expect(family?.help).toBe(hostile);
  expect(family?.samples).toEqual([
    { name: 'x', labels: { y: hostile }, value: 1.5e-7 },
    { name: 'x', labels: { y: '' }, value: 1e21 },
  ]);
  expect(exposition([row], scene, 'prometheus')).toBe(
    `# HELP x a"b\\\\n\\nc{},="\n# TYPE x gauge\nx{y="a\\"b\\\\n\\nc{},=\\""} 1.5e-7\nx{y=""} 1e+21\n`,
  );
});

describe('the strict reader refuses', () => {
  const head = '# TYPE a counter\n# HELP a h\n';
  test.each([
    ['no end', `${head}a_total 1\n`],
    ['something after the end', `${head}a_total 1\n# EOF\n\n`],
    ['an empty line', `${head}\na_total 1\n# EOF\n`],
    ['a counter without its suffix', `${head}a 1\n# EOF\n`],
    ['a counter below 0', `${head}a_total -1\n# EOF\n`],
    ['no number', `${head}a_total NaN\n# EOF\n`],
    ['a sample twice', `${head}a_total 1\na_total 1\n# EOF\n`],
    ['a family twice', `${head}a_total 1\n# TYPE b gauge\n# HELP b h\nb 1\n# TYPE a counter\n# EOF\n`],
    ['a family without samples', `${head}# EOF\n`],
    ['a family without help', '# TYPE a gauge\na 1\n# EOF\n'],
    ['a unit that the name has not', '# TYPE a gauge\n# UNIT a seconds\n# HELP a h\na 1\n# EOF\n'],
    ['a family that is named as a sample', '# TYPE a_total counter\n# HELP a_total h\na_total_total 1\n# EOF\n'],
    ['a bare quote in a label', '# TYPE a gauge\n# HELP a h\na{b="c"d"} 1\n# EOF\n'],
    ['a label twice', '# TYPE a gauge\n# HELP a h\na{b="c",b="d"} 1\n# EOF\n'],
    ['an unknown escape', '# TYPE a gauge\n# HELP a \\t\na 1\n# EOF\n'],
    ['two names of samples', `${head}a_total 1\n# TYPE a_total gauge\n# HELP a_total h\na_total 1\n# EOF\n`],
    ['a histogram without +Inf', '# TYPE a histogram\n# HELP a h\na_bucket{le="1.0"} 1\na_count 1\na_sum 1\n# EOF\n'],
    [
      'a bound that is no float',
      '# TYPE a histogram\n# HELP a h\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n',
    ],
    ['a count that is another', '# TYPE a histogram\n# HELP a h\na_bucket{le="+Inf"} 1\na_count 2\na_sum 1\n# EOF\n'],
  ])('%s', (_, text) => {
    expect(() => parseOpenMetrics(text)).toThrow(Error);
  });

  test('nothing of what is right', () => {
    const right = `${head}a_total{b="c"} 1\n# TYPE d histogram\n# HELP d h\nd_bucket{le="0.5"} 0\nd_bucket{le="+Inf"} 2\nd_count 2\nd_sum 3.5\n# EOF\n`;
    expect([...parseOpenMetrics(right).keys()]).toEqual(['a', 'd']);
  });
});
