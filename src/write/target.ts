/** Where points go, and what it made of a batch. */

/**
 * `taken`: kept for good, but for `rejected` of its points. `split`: too large, to be sent in halves. `bisect`: some line is
 * bad and nothing was kept. `wait`: not now; to be sent again, for ever. `suspect` marks an answer that may be the batch's
 * fault and may be the server's. `done`: nobody but the caller has the body any more.
 */
export type Outcome =
  | { readonly kind: 'taken'; readonly rejected: number; readonly reason?: string; readonly done?: boolean }
  | { readonly kind: 'split'; readonly reason: string }
  | { readonly kind: 'bisect'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string; readonly retryAfterMs?: number; readonly suspect?: boolean };

export interface Target {
  /** Whether `send` wants bodies that are gzip'd. */
  readonly gzip: boolean;
  /** Never rejects. An aborted signal ends it with `wait`: whether the batch arrived is not known then. */
  send(body: Buffer, points: number, signal: AbortSignal): Promise<Outcome>;
}
