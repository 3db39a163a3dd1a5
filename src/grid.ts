/** The next moment after `now` on the grid of `period` shifted by `phase`; all in milliseconds of the same clock. */
export function nextOnGrid(now: number, period: number, phase: number): number {
  return Math.floor((now - phase) / period + 1) * period + phase;
}

/**
 * Where in its period a node collects: the same for ever for one node, spread evenly over many, so that the nodes of a
 * cluster do not all send at once. In milliseconds, from 0 to below `period`.
 */
export function phaseOf(node: string, period: number): number {
  let hash = 2166136261;
  for (let i = 0; i < node.length; i += 1) hash = Math.imul(hash ^ node.charCodeAt(i), 16777619);
  return (hash >>> 0) % period;
}
