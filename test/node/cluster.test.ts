/**
 * A real node of each kind: containerd and runc with cgroupfs as the cgroup driver and no init system, and containerd and crun with
 * systemd as both. What they cannot show: User Mode Linux 6.1 has neither pressure stall information nor the controllers cpuset and hugetlb,
 * no NUMA, and one processor; Debian's containerd is 1.6, and CRI-O is in no package of Debian's.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiObject } from '../servers/api-client.ts';
import { startCluster, type Cluster, type ClusterOptions } from '../servers/cluster/cluster.ts';
import { toolsImage } from '../servers/cluster/node.ts';
import { createAccount } from '../support/account.ts';
import { podKinds, runPodKinds, staticPod } from '../support/pod-kinds.ts';
import { seriesOf, startAgentIn, wholeSeries } from '../support/worker-agent.ts';

interface NodeKind {
  readonly name: string;
  readonly options: ClusterOptions;
  /** Of the first container of `guaranteed`, with its identifiers blanked out. */
  readonly cgroup: string;
}

const nodeKinds: readonly NodeKind[] = [
  { name: 'cgroupfs and runc', options: {}, cgroup: '/kubepods/pod<uid>/<id>' },
  {
    name: 'systemd and crun',
    options: { init: 'systemd', runtime: 'crun' },
    cgroup: '/kubepods.slice/kubepods-pod<uid>.slice/cri-containerd-<id>.scope/container',
  },
];

describe.each(nodeKinds)('a node with $name', ({ options, cgroup }) => {
  const parts = new AsyncDisposableStack();
  let host: Server;
  let cluster: Cluster;
  let pods: readonly ApiObject[];
  let token: string;

  beforeAll(async () => {
    host = parts.use(createServer((_request, response) => response.end('host\n')));
    await once(host.listen(0, '127.0.0.1'), 'listening');
    cluster = parts.use(await startCluster({ ...options, staticPods: [staticPod], hostPorts: [portOf(host)] }));
    token = await createAccount(cluster.api, 'podgauge');
    pods = await runPodKinds(cluster);
  });

  afterAll(() => parts.disposeAsync());

  test('runs pods of every kind', () => {
    const inPodNetwork = expect.stringMatching(/^10\.88\./);
    expect(pods.map(({ metadata, status }) => [metadata.name, status?.['qosClass'], status?.['podIP']])).toEqual([
      ['guaranteed', 'Guaranteed', inPodNetwork],
      ['burstable', 'Burstable', inPodNetwork],
      ['best-effort', 'BestEffort', inPodNetwork],
      ['with-init', 'Burstable', inPodNetwork],
      ['host-network', 'BestEffort', '10.0.2.2'],
      ['static-worker', 'BestEffort', inPodNetwork],
    ]);
  });

  test('names their cgroups after its driver and its runtime', async () => {
    const { stdout } = await cluster.worker.run('sh', '-c', 'cat /proc/[1-9]*/cgroup | sort -u');
    const blank = (text: string) =>
      text.replaceAll(/[0-9a-f]{64}/g, '<id>').replaceAll(/[0-9a-f]{8}([-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}/g, '<uid>');
    expect(blank(stdout).split('\n')).toContain(`0::${cgroup}`);
  });

  test('gives the agent, which has no right of root, each running container and each network', async () => {
    const agent = await startAgentIn(cluster, { token, args: ['--period', '2s'] });
    const wanted = pods.flatMap(seriesOf);
    await agent.until('all series', (points) => wanted.every((series) => wholeSeries(points).has(series)));
    expect(await agent.stop()).toBe(0);
    expect([...wholeSeries(agent.points())].toSorted()).toEqual(wanted.toSorted());
  });

  test('runs the pod of a Deployment, which has an account and reaches another pod, this host where it may, and the API server', async () => {
    const { gateway, kubectl } = cluster;
    await kubectl('create', 'deployment', 'client', `--image=${toolsImage}`);
    await kubectl('rollout', 'status', 'deployment/client', '--timeout=90s');
    const other = pods.find(({ metadata }) => metadata.name === 'best-effort')?.status?.['podIP'];
    const script = `
      wget -q -O /tmp/b http://${other}:8080/busybox && cmp /tmp/b /bin/busybox && echo pod
      wget -q -O - http://${gateway}:${portOf(host)}
      wget -O - http://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT 2>&1 | grep -o '400 Bad Request'
      ls /var/run/secrets/kubernetes.io/serviceaccount`;
    // Busybox has no TLS that the API server would speak: its answer is to one who speaks none.
    const answers = ['pod', 'host', '400 Bad Request', 'ca.crt', 'namespace', 'token', ''];
    expect(await kubectl('exec', 'deployment/client', '--', 'sh', '-c', script)).toBe(answers.join('\n'));
    await kubectl('delete', 'deployment', 'client', '--wait=false');
  });

  test('shows its statistics to those who may see them, and to no one else', async () => {
    const { api, nodeName, worker } = cluster;
    const permitted = await createAccount(api, 'stats', [{ apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] }]);
    const script = `
      for (const token of process.argv.slice(1)) {
        const headers = token === '' ? {} : { authorization: 'Bearer ' + token };
        console.log((await fetch('https://10.0.2.2:10250/stats/summary', { headers })).status);
      }`;
    const job = await worker.start({
      program: 'node',
      args: ['--input-type=module', '--eval', script, '', token, permitted],
      env: { NODE_EXTRA_CA_CERTS: '/run/podgauge/authority.crt' },
    });
    expect(await job.ended()).toEqual({ code: 0, stdout: '401\n403\n200\n', stderr: '' });

    const summary: { readonly pods: readonly { readonly podRef: { readonly name: string } }[] } = JSON.parse(
      await api.text(`/api/v1/nodes/${nodeName}/proxy/stats/summary`),
    );
    expect(summary.pods.map(({ podRef }) => podRef.name)).toEqual(expect.arrayContaining(podKinds.map(({ name }) => name)));
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
