import http from 'node:http';
import https from 'node:https';
import { readAnswer } from './answer.ts';
import { post } from './post.ts';
import type { Exchange } from './post.ts';
import type { Outcome, Target } from './target.ts';
import type { Tls } from './tls-files.ts';
import { untilAborted } from '../until-aborted.ts';

export interface InfluxOptions {
  /** Of the server, with the path it is served under, if any. */
  readonly url: URL;
  readonly org: string;
  readonly bucket: string;
  /** The token to send, if any; `fresh` when the server refused the last one. */
  readonly token: (fresh: boolean) => Promise<string | undefined>;
  /** For each request; another object once something changed. Without `ca` those that Node knows. */
  readonly tls?: () => Promise<Tls>;
  /** `HTTPS_PROXY`, `NO_PROXY` and their small twins are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For one request and all of its answer. */
  readonly timeoutMs?: number;
  /** Unix time in milliseconds. */
  readonly wall: () => number;
}

/**
 * Posts to InfluxDB's /api/v2/write (2, 3, the clouds, 1.8) over one kept connection. The token is in no reason it gives.
 */
export function createInfluxTarget(options: InfluxOptions): Target {
  const { token, tls, timeoutMs = 30_000, wall } = options;
  const url = writeUrl(options);
  let used: Tls | undefined;
  let agent = createInfluxAgent(options, used);
  let refused = false;

  /** With another certificate begins another connection: one that is kept goes on with the old one. */
  async function renewAgent(): Promise<void> {
    const current = await tls?.();
    if (current === used) return;
    agent.destroy();
    used = current;
    agent = createInfluxAgent(options, used);
  }

  async function exchange(body: Buffer, authorization: string | undefined, signal: AbortSignal): Promise<Exchange> {
    const headers = {
      ...(authorization !== undefined && { Authorization: `Token ${authorization}` }),
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Encoding': 'gzip',
      'User-Agent': 'podgauge',
    };
    const first = await post(url, body, { agent, headers, timeoutMs, signal });
    if (first.kind === 'answer' || !first.stale) return first;
    return post(url, body, { agent, headers, timeoutMs, signal });
  }

  return {
    gzip: true,
    async send(body, points, signal) {
      let secret: string | undefined;
      try {
        secret = await untilAborted(token(refused), signal);
        await untilAborted(renewAgent(), signal);
        const result = await exchange(body, secret, signal);
        if (result.kind === 'failure') return { kind: 'wait', reason: redact(result.reason, secret) };
        const { status, sent } = result.answer;
        refused = status === 401 || status === 403;
        const outcome = withoutSecrets(readAnswer(result.answer, points, wall()), secret);
        return outcome.kind === 'taken' && sent ? { ...outcome, done: true } : outcome;
      } catch (error) {
        // A token or a certificate that cannot be read, or has characters that no header takes.
        return { kind: 'wait', reason: redact(error instanceof Error ? error.message : String(error), secret) };
      }
    },
  };
}

function writeUrl({ url, org, bucket }: InfluxOptions): URL {
  const target = new URL(url);
  target.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/write`;
  target.search = new URLSearchParams({ org, bucket, precision: 'ns' }).toString();
  return target;
}

/** Honours `HTTPS_PROXY` and `NO_PROXY` of `env`. Throws where a certificate or key cannot be used. */
export function createInfluxAgent({ url, env }: Pick<InfluxOptions, 'url' | 'env'>, tls: Tls | undefined): http.Agent {
  const proxyEnv = {
    HTTPS_PROXY: env['HTTPS_PROXY'],
    https_proxy: env['https_proxy'],
    NO_PROXY: env['NO_PROXY'],
    no_proxy: env['no_proxy'],
  };
  const common = { keepAlive: true, maxSockets: 1, proxyEnv };
  return url.protocol === 'https:' ? new https.Agent({ ...common, ...tls }) : new http.Agent(common);
}

function withoutSecrets(outcome: Outcome, secret: string | undefined): Outcome {
  return outcome.reason === undefined ? outcome : { ...outcome, reason: redact(outcome.reason, secret) };
}

/** A server may send back what it was sent, and an error name a proxy with its password. */
export function redact(reason: string, secret: string | undefined): string {
  const clean = reason.replace(/\/\/[^/@\s]*@/g, '//');
  return secret === undefined || secret === '' ? clean : clean.replaceAll(secret, '[token]');
}
