/**
 * A process of `npm run bench -- scale`: `scale-fleet.ts <service account directory> <period> <pods of each> <node> …` is to the API
 * server what that many agents are. It tells its parent when all know their pods, and ends with it.
 */
import { setTimeout } from 'node:timers/promises';
import { inCluster } from '../src/watch/credentials.ts';
import { startWatchFleet } from '../test/support/watch-fleet.ts';

const [folder = '', period, podsEach, ...nodes] = process.argv.slice(2);
process.once('disconnect', () => process.exit());

const { members } = startWatchFleet({ access: inCluster(folder, process.env), nodes, period: Number(period) });
while (!members.every(({ watch }) => watch.snapshot().size === Number(podsEach))) await setTimeout(100);
process.send?.('right');
