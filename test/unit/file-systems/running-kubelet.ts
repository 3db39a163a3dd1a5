/** A kubelet source that asks a scripted server, on a clock that only waiting moves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeletEndpoint } from '../../../src/file-systems/kubelet-access.ts';
import { createKubeletSource } from '../../../src/file-systems/kubelet.ts';
import type { KubeletOptions, KubeletSource } from '../../../src/file-systems/kubelet.ts';
import { createProblems } from '../../../src/problems.ts';
import type { Problems } from '../../../src/problems.ts';
import type { ScriptedApi, Step } from '../../support/scripted-api.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { answeredAt } from './summary-text.ts';

/** A directory with a service account's files. */
export interface Account extends AsyncDisposable {
  readonly tokenFile: string;
  readonly caFile: string;
  write(files: { readonly token?: string; readonly ca?: string }): Promise<void>;
}

export async function account(ca: string): Promise<Account> {
  const directory = await mkdtemp(join(tmpdir(), 'podgauge-kubelet-'));
  const tokenFile = join(directory, 'token');
  const caFile = join(directory, 'ca.crt');
  async function write(files: { readonly token?: string; readonly ca?: string }): Promise<void> {
    if (files.token !== undefined) await writeFile(tokenFile, files.token);
    if (files.ca !== undefined) await writeFile(caFile, files.ca);
  }
  await write({ token: 'one', ca });
  return { tokenFile, caFile, write, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

export interface RunningKubelet extends AsyncDisposable {
  readonly source: KubeletSource;
  /** When each request was made, in milliseconds since the start. */
  readonly asked: readonly number[];
  readonly clock: { ms: number };
  readonly problems: Problems;
  readonly logged: readonly string[];
  /** Resolves when it has ended by itself: at `until`. */
  readonly ended: Promise<void>;
}

export interface RunningKubeletOptions extends Partial<KubeletOptions> {
  readonly url: string;
  readonly account: Account;
  /** Aborts when the clock is there; without it nothing runs. */
  readonly until?: number;
}

export function runningKubelet({ url, account: files, until, ...options }: RunningKubeletOptions): RunningKubelet {
  const clock = { ms: 0 };
  const asked: number[] = [];
  const logged: string[] = [];
  const log = recordingLogger(logged);
  const problems = createProblems(log);
  const controller = new AbortController();
  const { hostname, port } = new URL(url);
  const source = createKubeletSource({
    node: 'node-1',
    endpoint() {
      asked.push(clock.ms);
      return { address: hostname, port: Number(port) };
    },
    tokenFile: files.tokenFile,
    trust: { kind: 'ca', file: files.caFile },
    period: 60_000,
    timeout: 20_000,
    now: () => clock.ms,
    wall: () => answeredAt,
    random: () => 0.5,
    async wait(ms) {
      clock.ms += ms;
      if (until !== undefined && clock.ms >= until) controller.abort();
    },
    log,
    problems,
    ...options,
  });
  const ended = until === undefined ? Promise.resolve() : source.run(controller.signal);
  async function stop(): Promise<void> {
    controller.abort();
    await ended;
  }
  return { source, asked, clock, problems, logged, ended, [Symbol.asyncDispose]: stop };
}

export function endpointOf({ url }: ScriptedApi): KubeletEndpoint {
  const { hostname, port } = new URL(url);
  return { address: hostname, port: Number(port) };
}

export function times(count: number, step: Step): readonly Step[] {
  return Array.from({ length: count }, () => step);
}

/** As the kubelet refuses: plain text. */
export function refusedText(status: number, text: string): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  };
}
