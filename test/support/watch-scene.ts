import type { WatchLimits } from '../../src/watch/reflector.ts';
import type { ApiObject } from '../servers/api-client.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { forms, startRealWatch } from './real-watch.ts';
import type { Form, RealWatch } from './real-watch.ts';
import { until } from './until.ts';

/** A node of its own with three pods, watched in both forms. */
export interface WatchScene extends AsyncDisposable {
  readonly watches: readonly RealWatch[];
  eachNetwork(what: 'cut' | 'silence' | 'mend'): void;
  add(name: string): Promise<void>;
  /** Ends `a`, ends `b` and makes it again, makes `d`. */
  change(): Promise<void>;
  /** Resolves when all know exactly the pods there are. */
  right(): Promise<void>;
  /** What the server says one of them asked since the beginning of the scene, but for what it answered with 429. */
  asked(form: Form): Promise<{ readonly lists: number; readonly watches: number }>;
  /** Requests of any of them that were answered so. */
  answered(code: number): Promise<number>;
}

interface WatchSceneOptions {
  readonly server: ApiServer;
  readonly tokens: Readonly<Record<Form, string>>;
  readonly limits: Partial<WatchLimits>;
}

let scenes = 0;

export async function startWatchScene({ server, tokens, limits }: WatchSceneOptions): Promise<WatchScene> {
  scenes += 1;
  const node = `node-${scenes}`;
  const pods = new Map<string, ApiObject>();
  const make = async (name: string): Promise<void> => {
    pods.set(name, await server.api.createPod({ name: `${node}-${name}`, node, containers: [{ name: 'main' }] }));
  };
  const end = async (name: string): Promise<void> => {
    const pod = pods.get(name);
    if (pod === undefined) throw new Error(`No pod ${name}`);
    await server.api.deletePod(pod);
    pods.delete(name);
  };
  const requests = async () => (await server.requests()).filter(({ uri }) => uri.includes(`nodeName%3D${node}&`));
  for (const name of ['a', 'b', 'c']) await make(name);
  await using parts = new AsyncDisposableStack();
  const watches: RealWatch[] = [];
  for (const form of forms) watches.push(parts.use(await startRealWatch({ server, form, node, token: tokens[form], limits })));

  async function right(): Promise<void> {
    const expected = Array.from(pods.values(), ({ metadata }) => String(metadata.uid)).toSorted();
    const knows = (each: RealWatch) => each.watch.ready && each.uids().join() === expected.join();
    await until('the right pods in all watches', () => watches.every(knows), { seconds: 30 });
  }

  async function asked(form: Form) {
    const own = (await requests()).filter(({ user, code }) => user === form && code !== 429);
    const count = (verb: string) => own.filter((request) => request.verb === verb).length;
    return { lists: count('list'), watches: count('watch') };
  }

  await right();
  await until('all watches to be open', async () => {
    const open = await Promise.all(forms.map(asked));
    return open.every((each) => each.watches === 1);
  });
  const owned = parts.move();
  return {
    watches,
    eachNetwork(what) {
      for (const { network } of watches) network[what]();
    },
    add: make,
    async change() {
      await end('a');
      await end('b');
      await make('b');
      await make('d');
    },
    right,
    asked,
    answered: async (status) => (await requests()).filter(({ code }) => code === status).length,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
