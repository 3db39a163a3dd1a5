/** What an admin of InfluxDB does: tokens with one right each, and whatever else its API has. */
import type { InfluxDbAccess } from '../servers/influxdb.ts';

export interface InfluxToken {
  readonly token: string;
  /** From then on InfluxDB does not know it. */
  revoke(): Promise<void>;
}

/** The answer's object; an empty one where there is none. */
export async function influxRequest(
  influx: InfluxDbAccess,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, never>> {
  const headers = { authorization: `Token ${influx.token}`, 'content-type': 'application/json' };
  const response = await fetch(`${influx.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} ${response.status}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

export async function bucketOf(influx: InfluxDbAccess): Promise<{ readonly id: string; readonly orgID: string }> {
  const { buckets } = await influxRequest(influx, 'GET', `/api/v2/buckets?org=${influx.org}&name=${influx.bucket}`);
  return buckets?.[0] ?? { id: '', orgID: '' };
}

/** What InfluxDB answers to a point of whoever has this token. */
export async function writeStatus({ url, org, bucket }: InfluxDbAccess, token: string): Promise<number> {
  const headers = { authorization: `Token ${token}` };
  const { status } = await fetch(`${url}/api/v2/write?org=${org}&bucket=${bucket}`, {
    method: 'POST',
    headers,
    body: 'probe value=1i',
  });
  return status;
}

/** That may do this with the bucket, and no more. */
export async function createInfluxToken(influx: InfluxDbAccess, action: 'read' | 'write'): Promise<InfluxToken> {
  const { id: bucket, orgID } = await bucketOf(influx);
  const permissions = [{ action, resource: { type: 'buckets', id: bucket, orgID } }];
  const { id, token } = await influxRequest(influx, 'POST', '/api/v2/authorizations', { orgID, permissions });
  return {
    token: String(token),
    revoke: async () => void (await influxRequest(influx, 'DELETE', `/api/v2/authorizations/${id}`)),
  };
}
