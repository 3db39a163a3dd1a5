/** SIGTERM while InfluxDB hangs: what waits cannot be sent, and the end comes all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startInfluxDb } from '../servers/influxdb.ts';
import { startAgent } from '../support/agent-process.ts';
import { startInfluxProxy } from '../support/influx-proxy.ts';
import { until } from '../support/until.ts';

test('an agent that is told to end while InfluxDB hangs ends with 0, and says how many points that costs', async () => {
  await using influx = await startInfluxDb();
  await using proxy = await startInfluxProxy(influx.url);
  await using agent = await startAgent({
    args: [
      ...['--source', 'cgroup', '--period', '250ms', '--shutdown-timeout', '2s', '--influx-url', proxy.url],
      ...['--influx-org', influx.org, '--influx-bucket', influx.bucket],
    ],
    env: { INFLUX_TOKEN: influx.token },
  });
  const isStored = async (): Promise<boolean> =>
    (await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h) |> limit(n: 1)`)).length > 0;
  await until('points', isStored, { describe: () => JSON.stringify(agent.log) });

  influx.pause();
  await untilItHangs();
  // It hangs until the agent has ended: nothing but the agent's own deadline can have made it end.
  expect(await agent.stop()).toBe(0);
  influx.resume();
  const messages = agent.log.map(({ msg }) => msg);
  expect(messages.filter((message) => message.includes('no answer'))).toEqual([]);
  expect(messages.slice(-2)).toEqual(['Points are lost: the target did not take them in time', 'podgauge has stopped']);
  expect(agent.log.at(-2)?.['points']).toBeGreaterThan(1);

  /** A request that is under way at two moments was not answered before InfluxDB was paused. */
  async function untilItHangs(): Promise<void> {
    for (let before = -1; proxy.underWay === 0 || proxy.met.pass !== before; await sleep(500)) before = proxy.met.pass;
  }
});
