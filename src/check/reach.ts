/** Why a server cannot be reached, told from the error of the attempt. */
import { messageOf, withoutAdvice } from '../watch/error-message.ts';
import type { Kind } from './finding.ts';

/** A failed attempt. */
export interface Failure {
  /** Of Node: `ECONNREFUSED`. */
  readonly code: string | undefined;
  readonly message: string;
}

type Reason = 'files' | 'name' | 'refused' | 'silent' | 'untrusted' | 'misnamed' | 'dated' | 'handshake' | 'broken';

export type ReachKinds = Readonly<Record<Reason, Kind>>;

export interface ReachWords {
  readonly what: string;
  /** Where its address is set. */
  readonly address: string;
  /** Where the CA that it is verified against is set. */
  readonly trust: string;
  /** Where tokens and certificates are read from. */
  readonly files: string;
}

/** The kinds of finding for one server. */
export function reachKinds({ what, address, trust, files }: ReachWords): ReachKinds {
  const kind = (when: string, remedy: string): Kind => ({ level: 'FAIL', what, when, remedy });
  return {
    files: kind('a token or certificate cannot be read or used', `look at ${files}`),
    name: kind('its name has no address', `set ${address} to a name that DNS knows, or look at the pod's dnsPolicy`),
    refused: kind('nobody listens at its address', `set ${address} to where it listens, or start it`),
    silent: kind(
      'nothing answers',
      `set ${address} to an address that this host reaches, or look at NetworkPolicies and firewalls`,
    ),
    untrusted: kind('its certificate is signed by nobody who is trusted', `set ${trust} to the CA that signed it`),
    misnamed: kind('its certificate is for another name', `set ${address} to a name that is in the certificate`),
    dated: kind('its certificate has expired, or is not valid yet', 'renew it, or set the clock of this host'),
    handshake: kind('there is no TLS with it', `set ${address} to where it serves https://, or look at the client certificate`),
    broken: kind('the connection breaks', `look at what stands between here and ${address}, and at the log of the server`),
  };
}

const reasonOfCode: ReadonlyMap<string, Reason> = new Map([
  ['ENOENT', 'files'],
  ['EACCES', 'files'],
  ['EISDIR', 'files'],
  ['ENOTDIR', 'files'],
  ['ERR_INVALID_CHAR', 'files'],
  ['ENOTFOUND', 'name'],
  ['EAI_AGAIN', 'name'],
  ['EAI_FAIL', 'name'],
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'silent'],
  ['EHOSTUNREACH', 'silent'],
  ['ENETUNREACH', 'silent'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'untrusted'],
  ['CERT_UNTRUSTED', 'untrusted'],
  ['CERT_REJECTED', 'untrusted'],
  ['INVALID_CA', 'untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'misnamed'],
  ['CERT_HAS_EXPIRED', 'dated'],
  ['CERT_NOT_YET_VALID', 'dated'],
  ['EPROTO', 'handshake'],
]);

export function reasonOf({ code = '', message }: Failure): Reason {
  const known = reasonOfCode.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('ERR_OSSL')) return 'files';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'handshake';
  // What was cut off by a limit of ours has no code, as has what this program says of a file.
  if (/^(no answer|silent|not over)/.test(message)) return 'silent';
  return /^Cannot use|token file/i.test(message) ? 'files' : 'broken';
}

export function failureOf(error: unknown): Failure {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : undefined;
  return { code, message: withoutAdvice(messageOf(error)) || (code ?? 'no reason is given') };
}
