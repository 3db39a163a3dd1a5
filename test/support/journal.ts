/** What a recording proxy saw of one agent: the account of what was sent that the agent has no part in. */
import type { InfluxProxy } from './influx-proxy.ts';

type Recorded = Pick<InfluxProxy, 'journal'>;

export function linesOf({ journal }: Recorded, cluster: string): string[] {
  return Array.from(journal).filter((line) => line.includes(`,cluster=${cluster},`));
}

/** Uncompressed, on average. */
export function bytesOfCycle(recorded: Recorded, cluster: string): number {
  const lines = linesOf(recorded, cluster);
  return lines.join('\n').length / lines.filter((line) => line.startsWith('podgauge,')).length;
}

/** The numbers of all cycles from the first to the last. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
