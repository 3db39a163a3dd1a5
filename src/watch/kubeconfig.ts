import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { delimiter, dirname, resolve } from 'node:path';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { bearer } from './credentials.ts';
import type { ClusterAccess, Credentials, TlsOptions } from './credentials.ts';
import { field, list, text } from './json.ts';

const nameLimit = 4096;

/** What the current context of a kubeconfig says. */
interface Context {
  readonly config: KubeConfig;
  readonly server: string;
  /** A file whose token is read for each request, instead of what the library would send. */
  readonly tokenFile: string | undefined;
}

/** All that is in one or several kubeconfigs; the first of a name counts, as with kubectl. */
interface Merged {
  readonly clusters: Cluster[];
  readonly users: User[];
  readonly contexts: ReturnType<KubeConfig['getContexts']>;
  /** By the user's name; kubectl's key, which the library does not know. */
  readonly tokenFiles: Map<string, string>;
  currentContext: string | undefined;
}

/**
 * Access as kubectl has it with the same file: inline data, files, tokens, client certificates, exec plugins, OIDC. `files` is one
 * path, or several in the form of the variable KUBECONFIG. Throws one line when they cannot be used.
 */
export async function fromKubeconfig(files: string): Promise<ClusterAccess> {
  const paths = files.split(delimiter).filter((path) => path !== '');
  // Loaded here only: it costs tens of MiB that an agent in a cluster need not pay.
  const { KubeConfig } = await import('./kubeconfig-libraries.ts');
  const create = () => new KubeConfig();
  let context: Context | undefined = await loadContext(paths, create);
  let pending: Promise<Credentials> | undefined;
  const url = new URL(context.server);

  async function ask(): Promise<Credentials> {
    context ??= await loadContext(paths, create);
    return credentialsOf(context);
  }

  return {
    url,
    credentials() {
      // One at a time: an exec plugin that hangs is waited for again, not started again.
      pending ??= ask().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    refresh() {
      // The library keeps what an exec plugin gave until it expires by its own word.
      context = undefined;
    },
  };
}

async function loadContext(paths: readonly string[], create: () => KubeConfig): Promise<Context> {
  const merged: Merged = { clusters: [], users: [], contexts: [], tokenFiles: new Map(), currentContext: undefined };
  for (const path of paths) addFile(merged, path, await readDocument(path), create());
  try {
    return currentOf(merged, create());
  } catch (error) {
    throw unusable(paths.join(delimiter), error);
  }
}

function addFile(merged: Merged, path: string, document: unknown, config: KubeConfig): void {
  try {
    // As JSON, since the library's own parser quotes the file, secrets and all, when it fails.
    config.loadFromString(JSON.stringify(document));
  } catch (error) {
    throw unusable(path, error);
  }
  config.makePathsAbsolute(dirname(resolve(path)));
  merged.clusters.push(...config.clusters);
  merged.users.push(...config.users);
  merged.contexts.push(...config.contexts);
  merged.currentContext ??= text(config.currentContext, nameLimit);
  for (const entry of list(field(document, 'users'))) {
    const name = text(field(entry, 'name'), nameLimit);
    const file = text(field(field(entry, 'user'), 'tokenFile'), nameLimit);
    if (name === undefined || file === undefined || merged.tokenFiles.has(name)) continue;
    merged.tokenFiles.set(name, resolve(dirname(path), file));
  }
}

function currentOf({ clusters, users, contexts, tokenFiles, currentContext }: Merged, config: KubeConfig): Context {
  if (currentContext === undefined) throw new Error('it has no current-context');
  const context = contexts.find(({ name }) => name === currentContext);
  if (context === undefined) throw new Error(`its current-context "${currentContext}" is not in it`);
  const cluster = clusters.find(({ name }) => name === context.cluster);
  if (cluster === undefined) throw new Error(`its cluster "${context.cluster}" is not in it`);
  const user = users.find(({ name }) => name === context.user);
  if (context.user !== undefined && user === undefined) throw new Error(`its user "${context.user}" is not in it`);
  const { server } = cluster;
  if (!/^https?:/.test(server) || !URL.canParse(server)) throw new Error(`its server "${server}" is not an http or https URL`);
  if (cluster.proxyUrl !== undefined) throw new Error('proxy-url is not supported');
  // The library takes plain http only together with skipTLSVerify, and no part of a cluster without a user.
  const skipTLSVerify = cluster.skipTLSVerify || server.startsWith('http:');
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify }, user ?? { name: 'nobody' });
  return { config, server, tokenFile: tokenFiles.get(user?.name ?? '') };
}

function unusable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : 'not a kubeconfig';
  return new Error(`Cannot use kubeconfig "${path}": ${reason}`, { cause });
}

async function readDocument(path: string): Promise<unknown> {
  const source = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = text(field(error, 'code'), 32) ?? 'unreadable';
    throw new Error(`Cannot read kubeconfig "${path}": ${code}`, { cause: error });
  });
  const { LineCounter, parseDocument } = await import('./kubeconfig-libraries.ts');
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { prettyErrors: false, lineCounter });
  const error = document.errors[0];
  if (error !== undefined) {
    throw new Error(`Cannot read kubeconfig "${path}": ${error.code} in line ${lineCounter.linePos(error.pos[0]).line}`);
  }
  const value: unknown = document.toJS();
  if (typeof value !== 'object' || value === null) throw unusable(path, undefined);
  return value;
}

async function credentialsOf({ config, tokenFile }: Context): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  if (tokenFile !== undefined) headers['authorization'] = await bearer(tokenFile);
  return { headers, tls: tlsOf(options) };
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsOptions {
  return {
    ...pem('ca', ca),
    ...pem('cert', cert),
    ...pem('key', key),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function pem(name: 'ca' | 'cert' | 'key', value: RequestOptions['ca'] | RequestOptions['key']): TlsOptions {
  return typeof value === 'string' || Buffer.isBuffer(value) ? { [name]: value } : {};
}
