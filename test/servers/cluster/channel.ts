/** The host's end of worker-channel.sh: runs programs in the worker while it runs, and hears what they say as they say it. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Job {
  /** Absolute, or on the PATH of a system. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Beside PATH and HOME, the whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that becomes the program it is given behind its own arguments, such as `nice`. */
  readonly under?: readonly string[];
}

export interface JobResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningJob {
  /** As the worker's kernel knows it. */
  readonly pid: number;
  /** Lines so far, oldest first. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  kill(signal: 'TERM' | 'KILL' | 'STOP' | 'CONT' | 'INT'): void;
  /** Resolves when it has ended and all that it wrote is here; a signal's code is 128 and its number, as in a shell. */
  ended(): Promise<JobResult>;
}

export interface Channel extends Disposable {
  /** Resolves when the worker has called. */
  connected(): Promise<void>;
  start(job: Job): Promise<RunningJob>;
  /** The worker's Unix time at some moment between the call and its answer (milliseconds). */
  clock(): Promise<number>;
}

interface Listener {
  started(pid: number): void;
  ended(code: number): void;
  stdout(socket: Socket): void;
  stderr(socket: Socket): void;
}

/** Listens at a Unix socket; `folder` takes the jobs' scripts. */
export async function openChannel(socketPath: string, folder: string): Promise<Channel> {
  const listeners = new Map<string, Listener>();
  const questions = new Map<string, (milliseconds: number) => void>();
  let asked = 0;
  const control = Promise.withResolvers<Socket>();
  const off = Promise.withResolvers<never>();
  // Who does not wait for the worker need not know.
  off.promise.catch(() => undefined);

  const server = createServer((socket) => {
    // A worker that is killed resets its connections.
    socket.on('error', () => socket.destroy());
    readHead(socket, (head) => {
      const [kind = '', job = ''] = head.split(' ');
      if (kind === 'control') takeControl(socket);
      else if (kind === 'stdout' || kind === 'stderr') listeners.get(job)?.[kind](socket);
    });
  });

  function takeControl(socket: Socket): void {
    createInterface(socket).on('line', (line) => {
      const [kind = '', job = '', value] = line.split(' ');
      if (kind === 'started' || kind === 'ended') listeners.get(job)?.[kind](Number(value));
      else if (kind === 'clock') questions.get(job)?.(Number(value) * 1000);
    });
    socket.on('close', () => off.reject(new Error('the worker is off')));
    control.resolve(socket);
  }

  let jobs = 0;
  async function start(job: Job): Promise<RunningJob> {
    const name = String((jobs += 1));
    const socket = await control.promise;
    const [pid, code] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const [stdout, stderr] = [collectLines(), collectLines()];
    listeners.set(name, { started: pid.resolve, ended: code.resolve, stdout: stdout.from, stderr: stderr.from });
    await writeFile(join(folder, `job-${name}.sh`), `exec ${commandOf(job)}\n`);
    socket.write(`run ${name}\n`);
    const number = await Promise.race([pid.promise, off.promise]);
    return {
      pid: number,
      stdout: stdout.lines,
      stderr: stderr.lines,
      kill: (signal) => void socket.write(`kill ${number} ${signal}\n`),
      async ended() {
        await Promise.all([stdout.ended, stderr.ended]);
        return {
          code: await Promise.race([code.promise, off.promise]),
          stdout: textOf(stdout.lines),
          stderr: textOf(stderr.lines),
        };
      },
    };
  }

  async function clock(): Promise<number> {
    asked += 1;
    const name = String(asked);
    const { promise, resolve } = Promise.withResolvers<number>();
    questions.set(name, resolve);
    (await control.promise).write(`clock ${name}\n`);
    const milliseconds = await Promise.race([promise, off.promise]);
    questions.delete(name);
    return milliseconds;
  }

  await once(server.listen(socketPath), 'listening');
  return {
    connected: async () => void (await control.promise),
    start,
    clock,
    [Symbol.dispose]: () => void server.close(),
  };
}

/** The first line of a connection; what follows is still to be read. */
function readHead(socket: Socket, use: (head: string) => void): void {
  let head = '';
  function read(): void {
    for (let byte = socket.read(1); byte !== null; byte = socket.read(1)) {
      if (byte[0] === 0x0a) {
        socket.off('readable', read);
        return use(head);
      }
      head += byte.toString('latin1');
    }
  }
  socket.on('readable', read);
}

function collectLines() {
  const lines: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const from = (socket: Socket) =>
    void createInterface(socket)
      .on('line', (line) => lines.push(line))
      .on('close', resolve);
  return { lines, ended, from };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function commandOf({ program, args = [], env = {}, under = [] }: Job): string {
  const variables = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return ['env', '-i', ...assignments, ...under, program, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
