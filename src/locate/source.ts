import type { PodWatch } from '../watch/pods.ts';
import type { Slice, SliceList } from './slices.ts';
import { startTargets } from './start-targets.ts';
import type { IsSandbox } from './start-targets.ts';
import { joinTargets } from './targets.ts';
import type { Target } from './targets.ts';
import type { CgroupTree } from './tree.ts';
import { podsOfTree } from './unlabelled.ts';

/** What there is to read on this node. */
export interface Found {
  readonly targets: readonly Target[];
  readonly slices: readonly Slice[];
}

export interface Source {
  /** Whether the pods are known: before that, none is found but those of the last run. */
  readonly ready: boolean;
  /** Looks again. The same object as before for as long as nothing changed, at next to no cost. */
  look(): Found;
}

/**
 * Pods as the API server names them, each with its cgroups on this host. With `isSandbox`, which tells what is a container, there
 * is something to read before it has named them, too.
 */
export function kubernetesSource(watch: PodWatch, tree: CgroupTree, slices?: SliceList, isSandbox?: IsSandbox): Source {
  const join = (): readonly Target[] =>
    watch.ready || isSandbox === undefined
      ? joinTargets(watch.snapshot(), tree)
      : startTargets({ pods: watch.snapshot(), leftOut: watch.leftOut() }, tree, isSandbox);
  return sourceOf(
    () => watch.ready,
    () => {
      tree.refresh();
      slices?.refresh();
      return `${watch.ready} ${watch.version} ${tree.version} ${slices?.version}`;
    },
    () => ({ targets: join(), slices: slices?.list() ?? [] }),
  );
}

/** What the cgroup tree shows without the API: pods by their UID, and the host's own slices and services. */
export function cgroupSource(tree: CgroupTree, slices?: SliceList): Source {
  return sourceOf(
    () => true,
    () => {
      tree.refresh();
      slices?.refresh();
      return `${tree.version} ${slices?.version}`;
    },
    () => ({ targets: joinTargets(podsOfTree(tree), tree), slices: slices?.list() ?? [] }),
  );
}

function sourceOf(ready: () => boolean, refresh: () => string, join: () => Found): Source {
  let version = '';
  let found: Found = { targets: [], slices: [] };
  return {
    get ready() {
      return ready();
    },
    look() {
      const next = refresh();
      if (next !== version) {
        version = next;
        found = join();
      }
      return found;
    },
  };
}
