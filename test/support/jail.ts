import { request } from 'node:https';
import type { ClientRequest } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { ApiServer, ApiUser } from '../servers/api-server.ts';

const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
const name = 'jail';

/**
 * The API server's own admission control answers all requests of these users with 429, until it is disposed of: they share a
 * priority level without a seat, in which one request at a time is served all the same, and that one never ends.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export async function jailUsers(server: ApiServer, users: readonly ApiUser[]): Promise<AsyncDisposable> {
  const { api } = server;
  const shares = { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0 };
  await api.request('POST', `${group}/prioritylevelconfigurations`, {
    metadata: { name },
    spec: { type: 'Limited', limited: { ...shares, limitResponse: { type: 'Reject' } } },
  });
  const subjects = users.map((user) => ({ kind: 'User', user: { name: user.name } }));
  const anything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
  await api.request('POST', `${group}/flowschemas`, {
    metadata: { name },
    spec: {
      matchingPrecedence: 2,
      priorityLevelConfiguration: { name },
      rules: [{ subjects, resourceRules: [anything] }],
    },
  });
  // The server takes up its own configuration in the background.
  await setTimeout(2000);
  const endless = startEndless(server, users[0]?.token ?? '');
  await setTimeout(500);
  return {
    async [Symbol.asyncDispose]() {
      endless.destroy();
      await api.request('DELETE', `${group}/flowschemas/${name}`);
      await api.request('DELETE', `${group}/prioritylevelconfigurations/${name}`);
    },
  };
}

/** A question that everybody may ask, whose body does not come. */
function startEndless(server: ApiServer, token: string): ClientRequest {
  const url = new URL('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', server.url);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': 1000 };
  const endless = request(url, { method: 'POST', headers, ca: server.ca(), agent: false });
  // It ends with an error, by our own hand.
  endless.on('error', () => undefined);
  endless.flushHeaders();
  return endless;
}
