import type { Answer } from './connection.ts';
import { field, parse, text } from './json.ts';

/** Why the API server did not do what it was asked. */
export interface Refusal {
  readonly status: number;
  /** One line for the log. */
  readonly message: string;
  /** Milliseconds that the server asks to be left alone, 0 if it does not. */
  readonly retryAfter: number;
  /** The version asked from is not one the server can go on from: too old, too new, or nonsense. */
  readonly versionRefused: boolean;
}

const bodyLimit = 65_536;
const messageLimit = 300;
/** No server may silence the agent for longer. */
const retryAfterMost = 300_000;
const versionStatuses: ReadonlySet<number> = new Set([400, 404, 410, 422]);

/** Reads an answer that is no 200. The body should be a `Status` of the API, but may come from anything in between. */
export async function readRefusal({ status, headers, chunks }: Answer): Promise<Refusal> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > bodyLimit) break;
    parts.push(chunk);
  }
  const body = Buffer.concat(parts).toString();
  const said = text(field(parse(body), 'message'), messageLimit)?.replace(/\s+/g, ' ');
  // A server behind, or set back from a copy, says so with a 504 ("Too large resource version").
  const ahead = status === 504 && /too ?large ?resource ?version/i.test(body);
  return {
    status,
    message: said === undefined ? `HTTP ${status}` : `HTTP ${status}: ${said}`,
    retryAfter: status === 429 || status === 503 ? retryAfterOf(headers['retry-after'], headers.date) : 0,
    versionRefused: ahead || versionStatuses.has(status),
  };
}

/** RFC 9110 §10.2.3: seconds, or a date, which is taken by the server's own clock. */
export function retryAfterOf(value: string | undefined, date: string | undefined): number {
  if (value === undefined) return 0;
  const delay = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.parse(date ?? '');
  return delay > 0 ? Math.min(delay, retryAfterMost) : 0;
}
