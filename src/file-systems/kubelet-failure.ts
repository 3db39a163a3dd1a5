import { messageOf, withoutAdvice } from '../watch/error-message.ts';
import type { Refusal } from '../watch/refusal.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import { NotASummary } from './summary-body.ts';

/** Why there is no report, in one line that says what to do about it where something can be done. */
export interface KubeletFailure {
  /** `refused`: for want of a right. `distrusted`: its certificate. `object`: what it answered. `down`: none of these. */
  readonly kind: 'refused' | 'distrusted' | 'object' | 'down';
  /** The same for all equal failures. */
  readonly cause: string;
  readonly message: string;
  /** Milliseconds that the kubelet asks to be left alone. */
  readonly retryAfter: number;
  /** Whether waiting does not cure it. */
  readonly lasting?: true;
}

/** For an answer that is no 200. */
export function refusalOf({ status, message, retryAfter }: Refusal, { origin }: URL): KubeletFailure {
  const refused = (what: string): KubeletFailure => ({
    kind: 'refused',
    cause: `kubelet HTTP ${status}`,
    message: `Kubelet at ${origin} ${what}; until then there are no file systems`,
    retryAfter,
  });
  if (status === 403) {
    const failure = refused('refuses its statistics (HTTP 403): allow the service account "get" on "nodes/stats"');
    return { ...failure, lasting: true };
  }
  // It asks the API server whose token it is, and says the same while that is away.
  if (status === 401) {
    return refused('does not accept the token (HTTP 401): set authentication.webhook.enabled in its configuration');
  }
  return { kind: 'down', cause: message, message: `Kubelet at ${origin}: ${message}`, retryAfter };
}

/** For what a request rejected with. */
export function failureOf(error: unknown, access: KubeletAccess | undefined): KubeletFailure {
  const said = messageOf(error);
  const origin = access?.url.origin ?? 'an address that is none';
  if (error instanceof NotASummary) {
    const message = `Kubelet at ${origin}: its answer is no summary: ${said}`;
    return { kind: 'object', cause: 'kubelet summary', message, retryAfter: 0 };
  }
  if (access?.distrusted === true) {
    const remedy = 'set --kubelet-ca-file to the CA that signed it, or --kubelet-insecure to do without';
    const message = `Certificate of the kubelet at ${origin} is not trusted (${withoutAdvice(said)}): ${remedy}`;
    return { kind: 'distrusted', cause: 'kubelet certificate', message, retryAfter: 0 };
  }
  return { kind: 'down', cause: said, message: `Kubelet at ${origin}: ${said}`, retryAfter: 0 };
}
