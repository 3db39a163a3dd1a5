/** Everything that can be collected without a further right, as `--collectors` names it. */
export const collectorNames = [
  'cpu',
  'memory',
  'pressure',
  'pids',
  'io',
  'hugetlb',
  'network',
  'sockets',
  'system',
  'node',
  'state',
] as const;

export type CollectorName = (typeof collectorNames)[number];
