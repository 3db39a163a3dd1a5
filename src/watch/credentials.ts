import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

/** How to reach the API server and be let in. */
export interface ClusterAccess {
  /** A path in it stands in front of every path of the API. */
  readonly url: URL;
  /** Asked before each request, so that a rotated token, certificate or CA is used without a restart. */
  credentials(): Promise<Credentials>;
  /** The server did not accept what `credentials` gave, or was not trusted by it: nothing of it may be used again unread. */
  refresh(): void;
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/** What a connection is made with: where it changes, a new one is made. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * The access that the kubelet gives to a pod, from the service account's directory. The two files are read for each request: there
 * is one every few minutes, so nothing is kept that could be out of date. Throws when `env` shows no cluster.
 */
export function inCluster(directory: string, env: Readonly<Record<string, string | undefined>>): ClusterAccess {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) throw new Error('Not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  const address = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(address)) throw new Error(`Cannot reach the API server at "${address}": not a URL`);
  return {
    url: new URL(address),
    async credentials() {
      const [authorization, ca] = await Promise.all([bearer(join(directory, 'token')), readFile(join(directory, 'ca.crt'))]);
      return { headers: { authorization }, tls: { ca } };
    },
    refresh() {
      // Nothing is kept from one request to the next.
    },
  };
}

/** The value of the header `authorization` for the token in a file. Throws when the file is missing or holds none. */
export async function bearer(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '') throw new Error(`Cannot use the token in "${path}": the file is empty`);
  return `Bearer ${token}`;
}
