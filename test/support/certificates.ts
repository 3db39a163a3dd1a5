/** Real certificates for 127.0.0.1, made by the machine's openssl. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for the address 127.0.0.1 and the name `api.test`: its own CA. */
export async function selfSigned(name: string): Promise<Issued> {
  const directory = await mkdtemp(join(tmpdir(), 'podgauge-cert-'));
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:api.test'];
    await run('openssl', ['req', '-x509', ...curve, ...names, '-days', '2', '-keyout', key, '-out', cert]);
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A self-signed certificate for 127.0.0.1 that ended yesterday. */
export async function expired(): Promise<Issued> {
  const directory = await mkdtemp(join(tmpdir(), 'podgauge-cert-'));
  const file = (name: string) => join(directory, name);
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await run('openssl', ['req', '-new', ...curve, '-subj', '/CN=expired', '-keyout', file('key'), '-out', file('request')]);
    await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1');
    const signed = ['-signkey', file('key'), '-extfile', file('names'), '-days', '-1', '-out', file('cert')];
    await run('openssl', ['x509', '-req', '-in', file('request'), ...signed]);
    return { cert: await readFile(file('cert'), 'utf8'), key: await readFile(file('key'), 'utf8') };
  } finally {
    await rm(directory, { recursive: true });
  }
}
