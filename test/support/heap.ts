/** The heap of the agent, by the Chrome DevTools Protocol on a WebSocket of its inspector. */
import { once } from 'node:events';
import type { AgentProcess } from './agent-process.ts';

/**
 * Node with an inspector, for `under`. No hot function is compiled, and no code is let go of: else the heap would move by
 * hundreds of KiB for minutes, whatever the program keeps.
 */
export const inspected = [process.execPath, '--inspect=127.0.0.1:0', '--jitless', '--no-flush-bytecode'];

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
