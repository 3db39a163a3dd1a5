/** `freezer.state` of cgroup v1: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst. */
import { encode, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

const isFrozenBy: readonly (readonly [state: Uint8Array, isFrozen: boolean])[] = [
  [encode('THAWED\n'), false],
  [encode('FREEZING\n'), false],
  [encode('FROZEN\n'), true],
];

/** Whether all tasks are frozen, by the cgroup itself or one above it; `undefined` for any other text, which is reported. */
export function parseFreezerState(bytes: Uint8Array, end: number, malformed: Malformed): boolean | undefined {
  if (end === 0) return undefined;
  const known = isFrozenBy.find(([state]) => state.length === end && startsWith(bytes, 0, end, state));
  if (known === undefined) malformed(0, end);
  return known?.[1];
}
