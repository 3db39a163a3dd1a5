import { readFile } from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import type { NodeRecord } from '../model.ts';
import { bearer } from '../watch/credentials.ts';
import type { ClusterAccess, TlsOptions } from '../watch/credentials.ts';

/** Where a kubelet listens. */
export interface KubeletEndpoint {
  /** An IP address: a name would let DNS choose who gets the token. */
  readonly address: string;
  readonly port: number;
}

/** As the node's object has it; `undefined` while that is not known, or has no internal address. */
export function kubeletEndpoint(node: NodeRecord | undefined): KubeletEndpoint | undefined {
  const address = node?.internalIps[0];
  const port = node?.kubeletPort;
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** What the kubelet's certificate is checked against; `unverified`: not at all, so that whoever answers gets the token. */
export type KubeletTrust = { readonly kind: 'ca'; readonly file: string } | { readonly kind: 'unverified' };

export interface KubeletAccessOptions {
  readonly endpoint: KubeletEndpoint;
  /** The node's name, which the certificate may have in place of its address. */
  readonly node: string;
  readonly tokenFile: string;
  readonly trust: KubeletTrust;
}

export interface KubeletAccess extends ClusterAccess {
  /** Whether the last request ended because the certificate was not accepted. */
  readonly distrusted: boolean;
}

interface KubeletTls extends TlsOptions {
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** Token and CA are read for each request, so a rotated one is used at once. Throws where the endpoint is none. */
export function kubeletAccess({ endpoint, node, tokenFile, trust }: KubeletAccessOptions): KubeletAccess {
  const { address, port } = endpoint;
  if (isIP(address) === 0) throw new Error(`${JSON.stringify(address)} is no IP address`);
  let distrusted = false;

  async function tls(): Promise<KubeletTls> {
    if (trust.kind === 'unverified') return { rejectUnauthorized: false };
    return { ca: await certificates(trust.file), checkServerIdentity: (_, certificate) => identify(certificate) };
  }

  /** A kubelet that signs its own certificate knows only its name; others have the address. */
  function identify(certificate: PeerCertificate): Error | undefined {
    const wrong = checkServerIdentity(address, certificate);
    return wrong === undefined || checkServerIdentity(node, certificate) === undefined ? undefined : wrong;
  }

  return {
    url: new URL(`https://${isIPv6(address) ? `[${address}]` : address}:${port}`),
    async credentials() {
      distrusted = false;
      const [authorization, options] = await Promise.all([bearer(tokenFile), tls()]);
      return { headers: { authorization }, tls: options };
    },
    refresh() {
      // After a refused token the credentials are asked for again, which takes this back.
      distrusted = true;
    },
    get distrusted() {
      return distrusted;
    },
  };
}

/** Throws on a file without a certificate, for which Node would trust every public authority, or say something else. */
async function certificates(path: string): Promise<string> {
  const pem = await readFile(path, 'utf8');
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`Cannot use the CA in "${path}": the file holds no certificate`);
  return pem;
}
