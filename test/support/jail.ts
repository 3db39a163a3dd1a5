import type { ApiClient } from '../servers/api-client.ts';
import { setTimeout } from 'node:timers/promises';

/** The API server's own admission control answers all requests of these users with 429, until it is disposed of. */
export async function jailUsers(api: ApiClient, users: readonly string[]): Promise<AsyncDisposable> {
  const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const name = 'jail';
  const limited = {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  };
  const subjects = users.map((user) => ({ kind: 'User', user: { name: user } }));
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }];
  await api.request('POST', `${group}/prioritylevelconfigurations`, {
    metadata: { name },
    spec: { type: 'Limited', limited },
  });
  await api.request('POST', `${group}/flowschemas`, {
    metadata: { name },
    spec: {
      matchingPrecedence: 1,
      priorityLevelConfiguration: { name },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects, resourceRules }],
    },
  });
  // The server looks at its own configuration in the background.
  await setTimeout(2000);
  let isThere = true;
  return {
    async [Symbol.asyncDispose]() {
      if (!isThere) return;
      isThere = false;
      await api.request('DELETE', `${group}/flowschemas/${name}`);
      await api.request('DELETE', `${group}/prioritylevelconfigurations/${name}`);
    },
  };
}
