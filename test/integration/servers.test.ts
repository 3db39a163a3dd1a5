import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { createApiClient, type WatchEvent } from '../servers/api-client.ts';
import { startInfluxDb } from '../servers/influxdb.ts';

const onNode = '/api/v1/pods?fieldSelector=spec.nodeName%3Dthis-node';

describe('the API server', () => {
  test('serves pods bound to a node, by list and by watch, and tells who asked', async () => {
    const agent = { name: 'agent', token: randomUUID() };
    await using server = await startApiServer({ users: [agent] });
    const { api } = server;
    await api.createNode('this-node');
    const made = await api.createPods(
      ['a', 'b', 'c'].map((name) => ({
        name,
        node: name === 'c' ? 'other-node' : 'this-node',
        containers: [{ name: 'main' }],
      })),
    );
    const list = await api.request('GET', onNode);
    expect(list.items?.map((pod) => pod.metadata.name)).toEqual(['a', 'b']);

    const [first, second] = made;
    if (first === undefined || second === undefined) throw new Error('two pods were made');
    const events = api.watch(`${onNode}&resourceVersion=${list.metadata.resourceVersion}`);
    await api.patchPodStatus(first, { phase: 'Running', podIP: '192.0.2.7' });
    expect(await nextEvent(events)).toMatchObject({ type: 'MODIFIED', object: { status: { podIP: '192.0.2.7' } } });
    await api.deletePod(second);
    expect((await api.request('GET', onNode)).items).toHaveLength(1);
    // First come its deletion's mark and only then its end, even without grace.
    expect([await nextEvent(events), await nextEvent(events)]).toMatchObject([
      { type: 'MODIFIED', object: { metadata: { name: 'b', deletionGracePeriodSeconds: 0 } } },
      { type: 'DELETED', object: { metadata: { name: 'b' } } },
    ]);
    await events.return();

    using asAgent = createApiClient({ ...server, token: agent.token });
    await expect(asAgent.request('GET', onNode)).rejects.toThrow(' 403: ');
    await api.allowReading('agent');
    await expect.poll(() => asAgent.request('GET', onNode)).toMatchObject({ items: [{}] });
    using asNobody = createApiClient({ ...server, token: 'nonsense' });
    await expect(asNobody.request('GET', onNode)).rejects.toThrow(' 401: ');
    const requests = await server.requests();
    expect(requests.filter(({ user, code }) => user === 'agent' && code === 200)).toMatchObject([
      { user: 'agent', verb: 'list', uri: onNode, code: 200 },
    ]);
    expect(requests.at(-1)).toMatchObject({ user: '', code: 401 });
  });

  test('hangs while paused, and forgets no object but its history when told so', async () => {
    await using server = await startApiServer();
    const { api } = server;
    await api.createPod({ name: 'a', node: 'this-node', containers: [{ name: 'main' }] });
    const { metadata } = await api.request('GET', onNode);

    await server.pause();
    const answer = api.request('GET', onNode);
    expect(await Promise.race([answer, sleep(500, 'silence')])).toBe('silence');
    server.resume();
    expect((await answer).items).toHaveLength(1);

    await api.createPod({ name: 'b', node: 'this-node', containers: [{ name: 'main' }] });
    const authority = server.ca();
    await server.forgetHistory();
    expect(server.ca()).toBe(authority);
    expect((await api.request('GET', onNode)).items).toHaveLength(2);
    const tooOld = api.watch(`${onNode}&resourceVersion=${metadata.resourceVersion}`);
    expect(await nextEvent(tooOld)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });

    await server.renewAuthority();
    expect(server.ca()).not.toBe(authority);
    expect((await api.request('GET', onNode)).items).toHaveLength(2);
  });
});

test('InfluxDB answers a query with what was written, after a restart too', async () => {
  await using server = await startInfluxDb();
  const written = await fetch(`${server.url}/api/v2/write?org=${server.org}&bucket=${server.bucket}&precision=ms`, {
    method: 'POST',
    headers: { authorization: `Token ${server.token}` },
    body: `k8s_pod,pod=a cpu_usage_core_nanoseconds=9007199254740993i ${Date.now()}`,
  });
  expect(written.status).toBe(204);
  const flux = `from(bucket: "${server.bucket}") |> range(start: -1h) |> map(fn: (r) => ({ r with _value: string(v: r._value) }))`;
  const row = { _measurement: 'k8s_pod', pod: 'a', _field: 'cpu_usage_core_nanoseconds', _value: '9007199254740993' };
  expect(await server.query(flux)).toMatchObject([row]);
  await server.kill();
  await expect(server.query(flux)).rejects.toThrow('ECONNREFUSED');
  await server.start();
  expect(await server.query(flux)).toMatchObject([row]);
});

async function nextEvent(events: AsyncGenerator<WatchEvent, void>): Promise<WatchEvent | void> {
  return (await events.next()).value;
}
