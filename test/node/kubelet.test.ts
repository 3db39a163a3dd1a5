/**
 * A real kubelet beside the agent: its numbers and ours of the same pods, and what it gives to whom. `UPDATE=1` puts the table of
 * the numbers into docs/accuracy.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../servers/cluster/cluster.ts';
import { createAccount } from '../support/account.ts';
import { kubeletOptions } from '../support/kubelet-account.ts';
import { disagreementsOf } from '../support/agreement.ts';
import { compareWithKubelet, type KubeletComparison } from '../support/kubelet-comparison.ts';
import { runChangingPods, runSteadyPods, untilRestarted } from '../support/loaded-pods.ts';
import { comparedNumbers, otherNumbers, otherThings } from '../support/summary-numbers.ts';
import { startAgentIn, type WorkerAgent } from '../support/worker-agent.ts';
import type { Point } from '../unit/write/parse-line.ts';

const authority = ['--kubelet-ca-file', '/run/podgauge/authority.crt'];
const often = ['--period', '1s', '--file-systems-period', '1s'];

const parts = new AsyncDisposableStack();
let cluster: Cluster;
let token: string;
let options: readonly string[];

beforeAll(async () => {
  // systemd gives the kubelet a cgroup of its own, of which it tells.
  cluster = parts.use(await startCluster({ init: 'systemd' }));
  token = await createAccount(cluster.api, 'podgauge', [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['nodes', 'nodes/stats'], verbs: ['get'] },
  ]);
  options = await kubeletOptions(cluster, 'account', token);
  await runSteadyPods(cluster);
});

afterAll(() => parts.disposeAsync());

describe('who asks the kubelet', () => {
  test('without the right to nodes/stats is refused, says so once, and goes on with all else', async () => {
    const limited = await createAccount(cluster.api, 'limited');
    const args = [...often, ...authority, ...(await kubeletOptions(cluster, 'limited', limited))];
    const agent = await startAgentIn(cluster, { token: limited, args });
    await agent.until('the refusal', () => saidOfKubelet(agent).length > 0);
    await goesOn(agent);
    expect(saidOfKubelet(agent)).toEqual([
      'Kubelet at https://10.0.2.2:10250 refuses its statistics (HTTP 403): allow the service account "get" on "nodes/stats"; until then there are no file systems',
    ]);
    expect(hasFileSystems(agent)).toBe(false);
  });

  test('refuses a certificate that it cannot verify, says so once however often, and goes on with all else', async () => {
    const agent = await startAgentIn(cluster, { token, args: [...often, ...options] });
    await agent.until('two refusals', (points) => points.some(({ fields }) => Number(fields['files_denied']) >= 2));
    await goesOn(agent);
    expect(saidOfKubelet(agent)).toEqual([
      expect.stringMatching(
        /^Certificate of the kubelet at https:\/\/10\.0\.2\.2:10250 is not trusted \(.+\): set --kubelet-ca-file to the CA that signed it, or --kubelet-insecure to do without$/,
      ),
    ]);
    expect(hasFileSystems(agent)).toBe(false);
  });

  test('takes any certificate where that is allowed', async () => {
    const agent = await startAgentIn(cluster, { token, args: [...often, ...options, '--kubelet-insecure', 'true'] });
    await agent.until('file systems', () => hasFileSystems(agent));
    expect(await agent.stop()).toBe(0);
    expect(saidOfKubelet(agent)).toEqual([expect.stringMatching(/^The kubelet's certificate is not verified: /)]);
  });
});

describe('the numbers of the kubelet', () => {
  let comparison: KubeletComparison;
  let written: readonly Point[];

  beforeAll(async () => {
    const periods = ['--period', '1s', '--file-systems-period', '10s'];
    const agent = await startAgentIn(cluster, { token, args: [...periods, ...authority, ...options] });
    // The next one takes the place of its files.
    await agent.until('a heartbeat', (points) => points.length > 0);
    const walk = ['--file-systems', 'walk', '--file-systems-period', '10s', '--host-root', '/'];
    const walker = await startAgentIn(cluster, { token, user: 0, args: ['--period', '10s', ...walk] });
    await walker.until('file systems', () => hasFileSystems(walker));
    await runChangingPods(cluster);
    comparison = await compareWithKubelet(cluster, agent, walker);
    await Promise.all([agent.stop(), walker.stop()]);
    written = agent.points();
    const document = `${await circumstances(cluster)}\n\n${comparison.table}`;
    console.log(document);
    if (process.env['UPDATE'] === '1') intoDocument(document);
  });

  test('are of pods that were killed for memory, that ended and started again, and that got packets', async () => {
    const [exhauster, restarter] = await untilRestarted(cluster);
    // containerd 1.6 misses the reason at times, and the status is then an `Error` with the same code: the kernel tells by what.
    expect(JSON.stringify(exhauster?.status)).toContain('"exitCode":137');
    expect(JSON.stringify(restarter?.status)).toContain('"reason":"Completed"');
    expect(Math.min(...killsIn(written, 'exhauster'))).toBeGreaterThanOrEqual(1);
    expect(killsIn(written, 'restarter')).toEqual([0, 0]);
    const received = comparison.samples.filter(
      ({ place, tags }) => place === 'pods[].network.rxBytes' && tags['pod'] === 'receiver',
    );
    // Each datagram of 64 bytes is a packet of 106.
    expect(received.at(-1)?.value).toBeGreaterThan(50 * 106);
  });

  test('are all either compared or named, with the reason', () => {
    const places = new Set(comparison.samples.map(({ place }) => place));
    const unknown = [...places].filter(
      (place) => !comparedNumbers.has(place) && !otherNumbers.some(([, pattern]) => pattern.test(place)),
    );
    expect(unknown).toEqual([]);
    const missing = comparison.agreements.flatMap((agreement) => agreement.missing);
    expect(missing.filter((subject) => !otherThings.some(([, pattern]) => pattern.test(subject)))).toEqual([]);
    const all = [...comparison.agreements, ...comparison.walked];
    expect(all.filter(({ compared }) => compared === 0).map(({ place }) => place)).toEqual([]);
  });

  test('agree with those of podgauge', () => {
    const all = [...comparison.agreements, ...comparison.walked];
    const strays = all.flatMap(({ own, failures }) => (own.other === undefined ? failures : []));
    console.log(`too far away: ${strays.join('; ') || 'none'}`);
    expect(all.flatMap(disagreementsOf)).toEqual([]);
  });
});

/** What a pod's own cgroup counted last, and what was made of it. */
function killsIn(points: readonly Point[], pod: string): number[] {
  const own = points.filter(({ measurement, tags }) => measurement === 'k8s_pod' && tags['pod'] === pod);
  const last = (field: string) => own.findLast(({ fields }) => field in fields)?.fields[field];
  return ['memory_oom_kills', 'oom_kills'].map((field) => Number(last(field)));
}

/** What it logged of the kubelet, but for slow reads of the files of its cgroup. */
function saidOfKubelet({ job }: WorkerAgent): string[] {
  const messages = job.stderr.flatMap((line) => {
    const { msg, kind }: { readonly msg: string; readonly kind?: string } = JSON.parse(line);
    return kind === 'slow' ? [] : [msg];
  });
  return messages.filter((message) => /kubelet/i.test(message));
}

function hasFileSystems(agent: WorkerAgent): boolean {
  return agent.points().some(({ measurement }) => measurement.endsWith('_fs'));
}

/** Three cycles more, with containers in them, to its own end. */
async function goesOn(agent: WorkerAgent): Promise<void> {
  const times = () => new Set(agent.points().flatMap(({ measurement, time }) => (measurement === 'k8s_container' ? time : [])));
  const { size } = times();
  await agent.until('three cycles', () => times().size >= size + 3);
  expect(await agent.stop()).toBe(0);
}

async function circumstances({ api, nodeName }: Cluster): Promise<string> {
  const { status } = await api.request('GET', `/api/v1/nodes/${nodeName}`);
  const { nodeInfo }: { nodeInfo?: Readonly<Record<string, string>> } = status ?? {};
  const { kubeletVersion, containerRuntimeVersion, kernelVersion } = nodeInfo ?? {};
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}`;
  return `Measured ${new Date().toISOString().slice(0, 10)} with kubelet ${kubeletVersion}, ${containerRuntimeVersion} and systemd on User Mode Linux ${kernelVersion} (cgroup v2), one processor of ${machine}.`;
}

function intoDocument(text: string): void {
  const path = join(import.meta.dirname, '../../docs/accuracy.md');
  const document = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- accuracy -->', '<!-- /accuracy -->'];
  const before = document.slice(0, document.indexOf(start) + start.length);
  writeFileSync(path, `${before}\n${text}${document.slice(document.indexOf(end))}`);
}
