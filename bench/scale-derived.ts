import type { Usage } from './api-server-counters.ts';
import type { ScaleMeasured } from './scale.ts';

/** Cores. */
export function perSecond({ cpuSeconds, seconds: all }: Usage): number {
  return cpuSeconds / all;
}

/** What it sent to agents; what an agent is sent of the rest (heads, TLS) is less. */
export function sentBytes({ listBytes, nodeBytes, eventBytes }: Usage): number {
  return listBytes + nodeBytes + eventBytes;
}

/** What the events of a change of every pod came to, less those that the server has for itself. */
export function eventsOf({ churn, churnAlone }: ScaleMeasured) {
  const count = churn.events - churnAlone.events;
  return {
    count,
    bytes: (churn.eventBytes - churnAlone.eventBytes) / count,
  };
}
