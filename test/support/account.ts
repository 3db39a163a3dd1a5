import type { ApiClient } from '../servers/api-client.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** All that the agent needs. */
const leastRights: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
];

/** Makes a service account in the namespace `default` that may do this in all of the cluster, and gives a token of its. */
export async function createAccount(api: ApiClient, name: string, rules: readonly Rule[] = leastRights): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  const metadata = { name };
  await api.request('POST', accounts, { metadata });
  await api.request('POST', `${rbac}/clusterroles`, { metadata, rules });
  await api.request('POST', `${rbac}/clusterrolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name }],
  });
  // Nothing said is an hour, and `npm run soak` takes longer.
  const spec = { expirationSeconds: 86_400 };
  const { status } = await api.request('POST', `${accounts}/${name}/token`, { spec });
  return String(status?.['token']);
}
