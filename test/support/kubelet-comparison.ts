/** Asks the kubelet and podgauge for the same numbers at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../servers/cluster/cluster.ts';
import { accuracyTable } from './accuracy-table.ts';
import { agreementsOf } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { burner, endingPods } from './loaded-pods.ts';
import { comparedNumbers, walkedNumbers } from './summary-numbers.ts';
import { samplesOf } from './summary-samples.ts';
import type { SummarySample } from './summary-samples.ts';
import type { WorkerAgent } from './worker-agent.ts';

export interface KubeletComparison {
  readonly samples: readonly SummarySample[];
  readonly agreements: readonly Agreement[];
  /** The same of the walk. */
  readonly walked: readonly Agreement[];
  /** In Markdown. */
  readonly table: string;
}

/** Under some load the kubelet's readings are 30 s apart. */
const leastSeconds = 90;
const mostSeconds = 300;

/**
 * Of an agent that has the file systems from the kubelet, and of one that walks through them. Resolves when each number was
 * compared and each pod that ends was seen to start again, or after 5 minutes.
 */
export async function compareWithKubelet(
  cluster: Cluster,
  agent: WorkerAgent,
  walker: WorkerAgent,
): Promise<KubeletComparison> {
  const { api, nodeName } = cluster;
  const answers: unknown[] = [];
  const startedAt = Date.now();
  for (;;) {
    answers.push(JSON.parse(await api.text(`/api/v1/nodes/${nodeName}/proxy/stats/summary`)));
    await sleep(4000);
    const seconds = (Date.now() - startedAt) / 1000;
    if (seconds < leastSeconds) continue;
    const comparison = compare(answers, agent, walker);
    if (seconds > mostSeconds || isWhole(comparison)) return comparison;
  }
}

function compare(answers: readonly unknown[], agent: WorkerAgent, walker: WorkerAgent): KubeletComparison {
  const samples = samplesOf(answers);
  const isSteady = ({ tags }: SummarySample): boolean => tags['pod'] === burner;
  const agreements = agreementsOf({ samples, points: agent.points(), numbers: comparedNumbers, isSteady });
  const walked = agreementsOf({ samples, points: walker.points(), numbers: walkedNumbers, isSteady });
  return { samples, agreements, walked, table: accuracyTable({ agreements, walked }) };
}

function isWhole({ samples, agreements, walked }: KubeletComparison): boolean {
  const usages = samples.filter(({ place }) => place === 'pods[].containers[].memory.usageBytes');
  const startsOf = (pod: string) => new Set(usages.flatMap(({ tags, startedAt }) => (tags['pod'] === pod ? startedAt : [])));
  const compared = [...agreements, ...walked].every((agreement) => agreement.compared > 0);
  return compared && endingPods.every((pod) => startsOf(pod).size > 1);
}
