import type { ApiClient } from '../servers/api-client.ts';
import { until } from './until.ts';

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
  await until('the rights to be granted', () => isGranted(api, `system:serviceaccount:default:${name}`, rules));
  // Nothing said is an hour, and `npm run soak` takes longer.
  const spec = { expirationSeconds: 86_400 };
  const { status } = await api.request('POST', `${accounts}/${name}/token`, { spec });
  return String(status?.['token']);
}

/** The API server hears of its own objects a little later. */
async function isGranted(api: ApiClient, user: string, rules: readonly Rule[]): Promise<boolean> {
  const asked = rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
    resources.flatMap((name) => {
      const [resource, subresource] = name.split('/');
      return verbs.map((verb) => ({ group, resource, subresource, verb }));
    }),
  );
  const answers = await Promise.all(
    asked.map((resourceAttributes) =>
      api.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user, resourceAttributes } }),
    ),
  );
  return answers.every(({ status }) => status?.['allowed'] === true);
}
