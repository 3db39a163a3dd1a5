import type { Writable } from 'node:stream';
import type { Config, InfluxdbOutput } from '../config/config.ts';
import { createFileTarget } from './file.ts';
import { createInfluxTarget } from './influx.ts';
import { createStdoutTarget } from './stdout.ts';
import type { Target } from './target.ts';
import { createTlsFiles } from './tls-files.ts';
import type { TlsPaths } from './tls-files.ts';
import { createTokenFile } from './token-file.ts';

export interface TargetSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable;
  /** Unix time in milliseconds. */
  wall(): number;
  /** Nobody reads stdout any more. */
  onClosed(): void;
}

/** Where the points go, as configured. Throws where a certificate file cannot be read. */
export function createTarget({ output }: Config, surroundings: TargetSurroundings): Target {
  if (output.kind === 'stdout') return createStdoutTarget(surroundings.stdout, surroundings.onClosed);
  if (output.kind === 'file') return createFileTarget(output.path);
  return createInfluxTarget({
    url: new URL(output.url),
    org: output.org,
    bucket: output.bucket,
    token: tokenOf(output),
    tls: createTlsFiles(tlsPathsOf(output)),
    env: surroundings.env,
    wall: surroundings.wall,
  });
}

/** The token to send, read anew where it is in a file that changed; rejects where that cannot be read. */
export function tokenOf({ token }: InfluxdbOutput): (fresh: boolean) => Promise<string | undefined> {
  if (token?.kind === 'file') return createTokenFile(token.path);
  return () => Promise.resolve(token?.reveal());
}

/** The files of its certificate authority, certificate and key. */
export function tlsPathsOf({ caFile, certFile, keyFile }: InfluxdbOutput): TlsPaths {
  return { ca: caFile, cert: certFile, key: keyFile };
}
