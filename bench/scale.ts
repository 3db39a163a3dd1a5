/**
 * `npm run bench -- scale`: what many agents cost one real API server, by its own audit log and counters. Writes docs/scale.md. The agents are those
 * of src/watch, 50 in a process, and some whole programs among them; the nodes and their pods are objects alone.
 */
import { setTimeout } from 'node:timers/promises';
import { usageDuring } from './api-server-counters.ts';
import type { Usage } from './api-server-counters.ts';
import type { AuditedRequest } from '../test/servers/audit-log.ts';
import { intoDocument } from './document.ts';
import { createScaleLoad } from './scale-load.ts';
import { scaleReport } from './scale-report.ts';

export interface ScaleMeasured {
  readonly agents: number;
  readonly podsEach: number;
  readonly periodMs: number;
  /** Bytes of a pod in a list. */
  readonly podBytes: number;
  /** The server without agents, with agents that have nothing to learn, and while they are all killed and started at once. */
  readonly alone: Usage;
  readonly idle: Usage;
  readonly restart: Usage;
  /** The server itself killed, and started again ten seconds later. */
  readonly serverRestart: readonly AuditedRequest[];
  /** Seconds from its kill until it answered again. */
  readonly awaySeconds: number;
  /** A change of each pod, with all agents watching and with none. */
  readonly churn: Usage;
  readonly churnAlone: Usage;
}

const minute = 60_000;
const options = { processes: 4, agentsInEach: 50, wholeAgents: 5, podsEach: 30, periodMs: 10_000 };

export async function measureScale(): Promise<void> {
  await using load = await createScaleLoad(options);
  const { server, nodes } = load;
  const pods = await server.api.text(`/api/v1/pods?fieldSelector=spec.nodeName%3D${nodes[0]?.name}&resourceVersion=0`);
  const changeAll = async (): Promise<void> => {
    await load.changeAll();
    await setTimeout(5000);
  };
  /** One change in ten seconds in all of the cluster: where nothing changes at all, there is no news for bookmarks to tell of. */
  const withLittleToDo = async (milliseconds: number): Promise<void> => {
    for (let i = 0; i < milliseconds / 10_000; i += 1) {
      await load.changeOne();
      await setTimeout(10_000);
    }
  };
  const told = (what: string) => console.log(`${new Date().toISOString()} ${what}`);
  told('idle without agents');
  await setTimeout(minute / 2);
  const alone = await usageDuring(server, () => withLittleToDo(2 * minute));
  const churnAlone = await usageDuring(server, changeAll);
  told('start');
  await load.start();
  await setTimeout(minute / 2);
  told('idle');
  const idle = await usageDuring(server, () => withLittleToDo(11 * minute));
  told('restart');
  const restart = await usageDuring(server, async () => {
    await load.stop();
    await load.start();
    await setTimeout(20_000);
  });
  const churn = await usageDuring(server, changeAll);
  told('restart of the server');
  const requestsBefore = (await server.requests()).length;
  const killedAt = Date.now();
  await server.kill();
  await setTimeout(10_000);
  await server.start();
  const awaySeconds = (Date.now() - killedAt) / 1000;
  await load.watchingSince(killedAt);
  await setTimeout(20_000);
  const serverRestart = (await server.requests()).slice(requestsBefore);
  const measured: ScaleMeasured = {
    ...{ agents: nodes.length, podsEach: options.podsEach, periodMs: options.periodMs },
    podBytes: Buffer.byteLength(pods) / options.podsEach,
    ...{ alone, idle, restart, serverRestart, awaySeconds, churn, churnAlone },
  };
  const report = scaleReport(measured);
  console.log(report);
  intoDocument('scale.md', report);
}
