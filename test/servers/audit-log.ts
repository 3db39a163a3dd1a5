/** What the API server was asked, by its own account: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */

export interface AuditedRequest {
  /** Empty where the token was refused. */
  readonly user: string;
  readonly verb: string;
  readonly uri: string;
  readonly code: number | undefined;
  /** Unix time in milliseconds at which it came, and at which its answer, or that of a watch, began to be given. */
  readonly cameAt: number;
  readonly answeredAt: number;
}

/** All but what admins and the server itself ask. */
export const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: ['system:masters']
  - level: Metadata
`;

interface AuditEvent {
  readonly auditID: string;
  readonly user: { readonly username?: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly responseStatus?: { readonly code?: number };
}

/**
 * A watch is logged when it starts and when it ends: the later line is kept, at the place of the first. What has no end yet is being
 * written.
 */
export function auditedRequests(log: string): AuditedRequest[] {
  const requests = new Map<string, AuditedRequest>();
  for (const line of log.split('\n').slice(0, -1)) {
    const event: AuditEvent = JSON.parse(line);
    const { user, verb, requestURI: uri, responseStatus } = event;
    const answeredAt = requests.get(event.auditID)?.answeredAt ?? Date.parse(event.stageTimestamp);
    const cameAt = Date.parse(event.requestReceivedTimestamp);
    requests.set(event.auditID, { user: user.username ?? '', verb, uri, code: responseStatus?.code, cameAt, answeredAt });
  }
  return [...requests.values()];
}
