import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** PEM, each of them. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Paths of the same. */
export type TlsPaths = { readonly [Name in keyof Tls]: string | undefined };

/**
 * Reads certificates and keys from files, and again when one of them has changed: the same object until then. Throws at once where
 * one cannot be read; later that rejects, with one line that names the path.
 */
export function createTlsFiles({ ca, cert, key }: TlsPaths): () => Promise<Tls> {
  const paths = [ca, cert, key];
  let seen = paths.map((path) => (path === undefined ? '' : versionOf(statSync(path)))).join();
  let tls = readTls({ ca, cert, key });
  return async () => {
    const versions = await Promise.all(paths.map(async (path) => (path === undefined ? '' : versionOf(await stat(path)))));
    if (versions.join() === seen) return tls;
    tls = tlsOf(await Promise.all(paths.map(async (path) => (path === undefined ? undefined : readFile(path, 'utf8')))));
    // What was swapped while it was read has another version by now, and is read again next time.
    seen = versions.join();
    return tls;
  };
}

/** As the files are now. Throws where one cannot be read. */
export function readTls({ ca, cert, key }: TlsPaths): Tls {
  return tlsOf([ca, cert, key].map((path) => (path === undefined ? undefined : readFileSync(path, 'utf8'))));
}

function versionOf({ dev, ino, mtimeMs, size }: ReturnType<typeof statSync> & object): string {
  return `${dev}:${ino}:${mtimeMs}:${size}`;
}

function tlsOf([ca, cert, key]: readonly (string | undefined)[]): Tls {
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
