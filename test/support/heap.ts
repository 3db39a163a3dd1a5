/** The heap of the agent, by the Chrome DevTools Protocol on a WebSocket of its inspector. */
import { once } from 'node:events';
import type { AgentProcess } from './agent-process.ts';

/**
 * Node with an inspector, for `under`. No hot function is compiled, and no code is let go of: else the heap would move by
 * hundreds of KiB for minutes, whatever the program keeps.
 */
export const inspected = [process.execPath, '--inspect=127.0.0.1:0', '--jitless', '--no-flush-bytecode'];

/** Bytes. */
const nextToNothing = 250_000;

const greeting = 'Debugger listening on ';

export interface HeapUse {
  /** Bytes of JavaScript objects. */
  readonly used: number;
  /** Bytes of the memory behind buffers, where this Node tells. */
  readonly behindBuffers: number;
}

/** What a full garbage collection leaves: the least of several, since code and weak references take more than one to go. */
export async function heapAfterCollection({ log }: AgentProcess): Promise<HeapUse> {
  const url = log.find(({ msg }) => msg.startsWith(greeting))?.msg.slice(greeting.length);
  if (url === undefined) throw new Error('The agent has no inspector');
  const socket = new WebSocket(url);
  await once(socket, 'open');
  let used = Infinity;
  let behindBuffers = Infinity;
  try {
    for (let i = 0; i < 5; i += 1) {
      await call(socket, i * 2 + 1, 'HeapProfiler.collectGarbage');
      const usage = await call(socket, i * 2 + 2, 'Runtime.getHeapUsage');
      used = Math.min(used, numberIn(usage, 'usedSize'));
      behindBuffers = Math.min(behindBuffers, numberIn(usage, 'backingStorageSize'));
    }
  } finally {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
  return { used, behindBuffers };
}

async function call(socket: WebSocket, id: number, method: string): Promise<object> {
  const answered = once(socket, 'message');
  socket.send(JSON.stringify({ id, method }));
  const [event] = await answered;
  const answer: { id: number; result?: object } = JSON.parse(event.data);
  if (answer.id !== id || answer.result === undefined) throw new Error(`${method}: ${event.data}`);
  return answer.result;
}

function numberIn(object: object, key: string): number {
  const value: unknown = Reflect.get(object, key);
  if (typeof value !== 'number') throw new Error(`No ${key} in ${JSON.stringify(object)}`);
  return value;
}

/**
 * By how many bytes each round of so many items lets the heap grow: one round, and two more where that was not next to nothing. What
 * is kept of each item grows in every round; what was needed once, such as the code for a server that answers late, does not.
 */
export async function growthsOf(
  bytes: () => Promise<number>,
  items: number,
  item: (nth: number) => Promise<void>,
): Promise<number[]> {
  const growths: number[] = [];
  let last = await bytes();
  while (growths.length < 3 && !growths.some((growth) => growth < nextToNothing)) {
    const first = growths.length * items;
    for (let nth = first; nth < first + items; nth += 1) await item(nth);
    const now = await bytes();
    growths.push(now - last);
    last = now;
  }
  return growths;
}
