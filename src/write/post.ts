import http from 'node:http';
import https from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** At most the first 64 KiB of the body; less when the connection broke in the middle of it. */
  readonly text: string;
  /** Whether the kernel had taken the whole request when it came: then nobody reads the memory of its body any more. */
  readonly sent: boolean;
}

/**
 * `stale`: the connection was kept from before and the server had closed it meanwhile, so nothing is wrong yet. `code`: Node's own
 * for the error, `ECONNREFUSED`.
 */
export type Exchange =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly reason: string; readonly stale: boolean; readonly code?: string | undefined };

export interface PostOptions {
  readonly agent: http.Agent;
  readonly headers: http.OutgoingHttpHeaders;
  /** Milliseconds for all of it: name, connection, TLS, request, answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const mostAnswer = 64 * 1024;
const closedByPeer = new Set(['ECONNRESET', 'EPIPE']);

/** One POST: see `exchange`. */
export function post(url: URL, body: Buffer, options: PostOptions): Promise<Exchange> {
  return exchange('POST', url, body, options);
}

/**
 * One request. Never follows a redirect. When its time is over the connection is gone, not just given up. Rejects only when a
 * header holds what no header can.
 */
export async function exchange(
  method: 'GET' | 'POST',
  url: URL,
  body: Buffer,
  { agent, headers, timeoutMs, signal }: PostOptions,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const { request: start } = url.protocol === 'https:' ? https : http;
  const request = start(url, { method, agent, headers: { ...headers, 'Content-Length': body.length } });

  function giveUp(reason: string): void {
    resolve({ kind: 'failure', reason, stale: false });
    request.destroy();
  }
  const abort = (): void => giveUp('aborted');
  const timer = setTimeout(() => giveUp(`no answer within ${timeoutMs} ms`), timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();

  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    function finish(): void {
      const text = Buffer.concat(chunks).toString('utf8', 0, mostAnswer);
      const { statusCode: status = 0, headers: answered } = response;
      resolve({ kind: 'answer', answer: { status, headers: answered, text, sent: request.writableFinished } });
    }
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= mostAnswer) return;
      finish();
      request.destroy();
    });
    response.on('end', finish);
    // The status has come, and that is what matters.
    response.on('error', finish);
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    const stale = request.reusedSocket && closedByPeer.has(error.code ?? '');
    resolve({ kind: 'failure', reason: describe(error), stale, code: error.code });
  });
  // An answer that switches protocols ends without an error.
  request.on('close', () => resolve({ kind: 'failure', reason: 'connection closed without an answer', stale: false }));
  request.end(body);

  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** With several addresses tried the message is empty and the code says it. */
function describe(error: NodeJS.ErrnoException): string {
  return error.message === '' ? (error.code ?? error.name) : error.message;
}
