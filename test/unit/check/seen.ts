import type { Finding, Kind } from '../../../src/check/finding.ts';

/** Names findings by the keys of their kinds, and keeps account of which kinds a file of tests has seen. */
export interface Seen {
  /** `listed: 2 on node node-1`. */
  told(findings: readonly Finding[]): readonly string[];
  unseen(): readonly string[];
}

export function createSeen(kinds: Readonly<Record<string, Kind>>): Seen {
  const nameByKind = new Map(Object.entries(kinds).map(([name, kind]) => [kind, name]));
  const left = new Set(nameByKind.values());
  return {
    told: (findings) =>
      findings.map(({ kind, says }) => {
        const name = nameByKind.get(kind) ?? `not of these kinds: ${kind.what}`;
        left.delete(name);
        return `${name}: ${says}`;
      }),
    unseen: () => Array.from(left),
  };
}
