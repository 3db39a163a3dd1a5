/** All that a cluster holds, to be compared with what it holds later. */
import type { ApiObject } from '../../servers/api-client.ts';
import { until } from '../until.ts';
import type { Admin } from './admin.ts';

/** By `<version> <kind> <namespace>/<name>`, each as text. */
export type Objects = ReadonlyMap<string, string>;

/** What the control plane makes and renews by itself, whether anyone does anything or not. */
const ownRecords: ReadonlySet<string> = new Set([
  // Heartbeats of the kubelet and of the servers.
  'leases.coordination.k8s.io',
  // What happened, told for an hour; both are of the same objects.
  'events',
  'events.events.k8s.io',
  // No objects, but a look at the servers' health.
  'componentstatuses',
]);

/** Of every type that can be listed. */
export async function objectsOf({ sh }: Admin): Promise<Objects> {
  const resources = (await sh('kubectl api-resources --verbs=list --output=name'))
    .split('\n')
    .filter((resource) => resource !== '' && !ownRecords.has(resource));
  const list: ApiObject = JSON.parse(await sh(`kubectl get ${resources.join(',')} --all-namespaces --output=json`));
  return new Map(
    (list.items ?? []).map((object) => {
      const { apiVersion, kind, metadata } = object;
      const name = `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
      return [name, JSON.stringify(toldByKubelet.has(kind) ? asWanted(object) : object)];
    }),
  );
}

/**
 * Kinds of which the kubelet tells, every few seconds of its node, and of its pods when it has looked at their cgroups again; and those
 * whose status follows that of their pods.
 */
const toldByKubelet: ReadonlySet<unknown> = new Set(['Node', 'Pod', 'Deployment', 'ReplicaSet']);

/** As it is wanted: without what it is like, and without who wrote that when. */
function asWanted({ status: _status, metadata, ...rest }: ApiObject): object {
  const { resourceVersion: _version, managedFields: _fields, ...others } = metadata;
  return { ...rest, metadata: others };
}

/** What came, went or changed, a line each. */
export function changesBetween(before: Objects, after: Objects): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return Array.from(names).flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    if (was === undefined) return `came: ${name}`;
    return is === undefined ? `went: ${name}` : `changed: ${name}: ${was} → ${is}`;
  });
}

/** What the cluster holds when its controllers have nothing more to do. */
export async function steadyObjectsOf(admin: Admin): Promise<Objects> {
  let last = await objectsOf(admin);
  await until('no change of any object', async () => {
    const now = await objectsOf(admin);
    const changes = changesBetween(last, now);
    last = now;
    return changes.length === 0;
  });
  return last;
}
