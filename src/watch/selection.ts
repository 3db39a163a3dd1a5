import { field, text } from './json.ts';
import { namespaceFilter } from './namespaces.ts';
import { nameLimit } from './names.ts';

/** Which pods are kept, and which of their labels and annotations. */
export interface Selection {
  /** Keys. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  /** Patterns, as in namespaces.ts; empty for all. */
  readonly namespaces: readonly string[];
  /** Whether a pod may opt out by the annotation `podgauge.io/collect: "false"`. */
  readonly optOut: boolean;
}

export const everything: Selection = { labels: [], annotations: [], namespaces: [], optOut: false };

const optOutAnnotation = 'podgauge.io/collect';

/** A test whether the pod with this metadata is kept. */
export function keptBy({ namespaces, optOut }: Selection): (metadata: unknown) => boolean {
  const wanted = namespaceFilter(namespaces);
  return (metadata) => {
    if (optOut && field(field(metadata, 'annotations'), optOutAnnotation) === 'false') return false;
    return wanted(text(field(metadata, 'namespace'), nameLimit) ?? '');
  };
}

/** Values of the allowed keys, capped; `undefined` where there is none. An empty value is none. */
export function pick(values: unknown, keys: readonly string[]): Readonly<Record<string, string>> | undefined {
  const picked: [string, string][] = [];
  for (const key of keys) {
    const value = text(field(values, key), nameLimit);
    if (value !== undefined) picked.push([key, value]);
  }
  return picked.length === 0 ? undefined : Object.fromEntries(picked);
}
