import type { Pod, PodProperty, Tags } from '../model.ts';

/** The tags that all series of the node share. */
export type NodeTags = Readonly<Record<'cluster' | 'node', string>>;

/** Under which name a pod is written: its own, or together with the other pods of its workload, or of its namespace. */
export type Naming = 'own' | 'workload' | 'namespace';

/** Stands in a tag for all there are: nothing in Kubernetes can be called so. */
export const all = '*';
/** Stands where nothing is known: a tag is never empty. */
const none = 'none';

/** The one tag of an unnamed pod, with the UID by which its cgroup is named: no other tag can be called so. */
export const unnamed = '(unnamed)';

export interface PodTags {
  /** The tags that all series of a pod share: the same object for as long as they stay the same. */
  of(pod: Pod): Tags;
  /** Lets go of the pods that are gone. */
  sweep(): void;
  /** Pods that are not written under their own names. */
  readonly folded: number;
}

export interface PodTagsOptions {
  readonly nodeTags: NodeTags;
  /** Labels and annotations that are tags. */
  readonly properties: readonly PodProperty[];
  /** Asked for each pod when it comes, and again when its tags change, which makes other series of it. */
  nameBy(pod: Pod): Naming;
  /** Whether there is a pod of this UID. */
  exists(uid: string): boolean;
}

/** What is kept of a pod. */
interface Named {
  readonly pod: Pod;
  readonly naming: Naming;
  readonly tags: Tags;
}

export function createPodTags({ nodeTags, properties, nameBy, exists }: PodTagsOptions): PodTags {
  const namedByUid = new Map<string, Named>();

  function tagsOf(pod: Pod, naming: Naming): Tags {
    const own = naming === 'own';
    const byNamespace = naming === 'namespace';
    return {
      ...nodeTags,
      namespace: pod.namespace,
      pod: own ? pod.name : all,
      qos: pod.qos,
      // A pod without a controller is its own workload: together such pods have none.
      workload: own || (!byNamespace && pod.workloadKind !== 'Pod') ? pod.workload : all,
      workload_kind: byNamespace ? all : pod.workloadKind,
      ...Object.fromEntries(
        properties.map((property) => [property.name, byNamespace ? all : (valueOf(pod, property) ?? none)]),
      ),
    };
  }

  return {
    of(pod) {
      if (pod.unnamed === true) return { [unnamed]: pod.cgroupUid };
      const known = namedByUid.get(pod.uid);
      // What a folded pod has counted so far stays where it is, whatever happens to its labels.
      if (known !== undefined && (known.pod === pod || known.naming !== 'own')) return known.tags;
      const own = known && tagsOf(pod, 'own');
      if (known !== undefined && own !== undefined) {
        // At the cap a pod that is written keeps the tags that it has, so that no one makes series by changing them.
        const keeps = sameTags(known.tags, own) || nameBy(pod) !== 'own';
        namedByUid.set(pod.uid, { pod, naming: 'own', tags: keeps ? known.tags : own });
        return keeps ? known.tags : own;
      }
      const naming = nameBy(pod);
      const tags = tagsOf(pod, naming);
      namedByUid.set(pod.uid, { pod, naming, tags });
      return tags;
    },
    sweep() {
      for (const uid of namedByUid.keys()) if (!exists(uid)) namedByUid.delete(uid);
    },
    get folded() {
      let folded = 0;
      for (const { naming } of namedByUid.values()) if (naming !== 'own') folded += 1;
      return folded;
    },
  };
}

/** The tags of a container, given those of its pod. */
export function tagsOfContainer(tags: Tags, name: string): Tags {
  return { ...tags, container: tags['workload_kind'] === all ? all : name };
}

/** `undefined` where the pod has none. Own properties alone: a label may be called `constructor`. */
export function valueOf({ labels, annotations }: Pod, { from, key }: PodProperty): string | undefined {
  const values = from === 'label' ? labels : annotations;
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Whether the tags of one series, which have the same keys for ever, have the same values. */
export function sameTags(one: Tags, other: Tags): boolean {
  return Object.entries(one).every(([key, value]) => other[key] === value);
}
