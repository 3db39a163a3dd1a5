import type { InfluxdbOutput } from '../config/config.ts';
import { withoutAdvice } from '../watch/error-message.ts';
import { tlsPathsOf, tokenOf } from '../write/create-target.ts';
import { createInfluxAgent, redact } from '../write/influx.ts';
import { exchange } from '../write/post.ts';
import type { Answer } from '../write/post.ts';
import { readTls } from '../write/tls-files.ts';
import { failureOf } from './reach.ts';
import type { Failure } from './reach.ts';

export type InfluxAnswer = Answer;

/** Requests to InfluxDB by the way and with the token of a write. The token is in nothing that they give. */
export interface InfluxRequests {
  /** `path` below the configured URL. */
  send(method: 'GET' | 'POST', path: string, body?: string): Promise<InfluxAnswer | { readonly failure: Failure }>;
  close(): void;
}

export interface InfluxRequestOptions {
  readonly output: InfluxdbOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for each request. */
  readonly timeoutMs: number;
}

/** Fails where a certificate cannot be read or used. */
export function openInfluxRequests(
  { output, env, timeoutMs }: InfluxRequestOptions,
  signal: AbortSignal,
): { readonly requests: InfluxRequests } | { readonly failure: Failure } {
  const token = tokenOf(output);
  let agent: ReturnType<typeof createInfluxAgent>;
  try {
    agent = createInfluxAgent({ url: new URL(output.url), env }, readTls(tlsPathsOf(output)));
  } catch (error) {
    return { failure: failureOf(error) };
  }

  async function send(method: 'GET' | 'POST', path: string, body = ''): ReturnType<InfluxRequests['send']> {
    let secret: string | undefined;
    try {
      secret = await token(false).catch((error: unknown) => {
        // What needs no token is asked without one: the lack of it is told where it matters.
        if (path.startsWith('/api/')) throw error;
        return undefined;
      });
      const headers = {
        ...(secret !== undefined && { Authorization: `Token ${secret}` }),
        'Content-Type': 'text/plain; charset=utf-8',
        'User-Agent': 'podgauge',
      };
      const done = await exchange(method, new URL(`${output.url}${path}`), Buffer.from(body), {
        agent,
        headers,
        timeoutMs,
        signal,
      });
      if (done.kind === 'failure') return { failure: { code: done.code, message: redact(withoutAdvice(done.reason), secret) } };
      return { ...done.answer, text: redact(done.answer.text, secret) };
    } catch (error) {
      const failure = failureOf(error);
      return { failure: { ...failure, message: redact(failure.message, secret) } };
    }
  }

  return { requests: { send, close: () => agent.destroy() } };
}
