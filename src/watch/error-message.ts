/** The message of an error in one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Connecting to several addresses fails with all their errors in one that has no message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const { message } = first instanceof Error ? first : error;
  return message.replace(/\s+/g, ' ').slice(0, 300);
}

/** What Node adds to the message of an untrusted certificate, which is no advice for a user of podgauge. */
const nodesAdvice = /; if the root CA is installed locally.*$/;

export function withoutAdvice(message: string): string {
  return message.replace(nodesAdvice, '');
}
