/**
 * podgauge on a real Kubernetes node, installed by an admin with the commands of docs/install.md: what it writes, what it may do, and
 * what is left of it. What User Mode Linux cannot show: SELinux, AppArmor, and mounts that are read-only with all below them, for which
 * containerd has to be newer than Debian's.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolsImage } from '../servers/cluster/node.ts';
import { createInfluxToken, writeStatus } from '../support/influx-admin.ts';
import { agentIn, agentPods, conditionTime, containerStatus, replacedAt, runOf } from '../support/install/agent.ts';
import { beatsOf, byRun, jumps, type Beats } from '../support/install/beats.ts';
import { confined, expectNoRights, expectUntouched, tryFromInside, victim, victimIn } from '../support/install/confinement.ts';
import { changesBetween, objectsOf, steadyObjectsOf, type Objects } from '../support/install/objects.ts';
import { commandsOf } from '../support/install/page.ts';
import { expectAllSeries, usageOf } from '../support/install/series.ts';
import { startSite, type Site } from '../support/install/site.ts';
import {
  expectRuleMissed,
  expectSightMissed,
  giveBack,
  takenHostPid,
  takenMounts,
  takenRules,
} from '../support/install/taken-rights.ts';
import { inTime } from '../support/late-answers.ts';
import { runPodKinds, staticPod } from '../support/pod-kinds.ts';
import { until } from '../support/until.ts';

const parts = new AsyncDisposableStack();
let site: Site;

beforeAll(async () => {
  site = parts.use(await startSite({ staticPods: [staticPod], longestBackOff: '1s' }));
  const { cluster } = site;
  await cluster.api.createPods([victim(cluster.nodeName)]);
  await cluster.kubectl('create', 'deployment', 'web', `--image=${toolsImage}`);
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=300s');
  await runPodKinds(cluster);
  await victimIn(cluster);
});

afterAll(() => parts.disposeAsync());

describe('by the commands of docs/install.md', () => {
  let beats: Beats;
  let before: Objects;

  test('helm installs it, and its pod on the node gets ready', async () => {
    const { admin, settings } = site;
    const commands = await commandsOf('With Helm');
    const install = commands.findIndex((command) => command.startsWith('helm install'));
    const ready = commands.findIndex((command) => command.includes('rollout status'));
    for (const command of commands.slice(0, install)) await admin.sh(command);
    before = await steadyObjectsOf(admin);
    for (const command of commands.slice(install, ready)) await admin.sh(`${command} ${settings}`);
    expect(await admin.sh(commands[ready] ?? '')).toContain('daemon set "podgauge" successfully rolled out');
    expect(containerStatus(await agentIn(site.cluster, 'podgauge')).restartCount).toBe(0);
    beats = beatsOf(site, 'staging');
  });

  test('every pod of the node is found in InfluxDB under its own tags, and no other', async () => {
    await expectAllSeries(site, 'staging');
  });

  test('helm test passes, and so does the check in the agent\u{2019}s own container', async () => {
    const check = (await commandsOf('With Helm')).find((command) => / test /.test(command));
    expect(await inTime(() => site.admin.sh(`${check} --logs || echo code $?`))).toMatch(
      /^Phase: +Succeeded\n[^]*^ok +InfluxDB write: /m,
    );
    const command = 'kubectl --namespace podgauge exec daemonset/podgauge -- /nodejs/bin/node /podgauge.mjs check';
    const findings = await inTime(() => site.admin.sh(`${command} || echo code $?`));
    expect(findings).toMatch(/^ok +list pods: /m);
    expect(findings).not.toMatch(/^FAIL/m);
  });

  test('it has no right on the node that it does not need', async () => {
    const agent = await agentIn(site.cluster, 'podgauge');
    await expectNoRights(site.cluster, agent, '19610');
    const target = await victimIn(site.cluster);
    expect(await tryFromInside(site.cluster, agent, '/proc', target.pid)).toEqual({ ...confined, 'kill it': 'EPERM' });
    await expectUntouched(site.cluster, target);
  });

  test('a new token is taken without a restart, and no point is lost though the old one is refused at once', async () => {
    const { admin, influx, writer } = site;
    const agent = await agentIn(site.cluster, 'podgauge');
    const [first] = await beats.next(1, Date.now() - 10_000);
    const { token } = await createInfluxToken(influx, 'write');
    await writer.revoke();
    const revokedAt = Date.now();
    expect(await writeStatus(influx, writer.token)).toBe(401);
    const log = () => admin.sh('kubectl --namespace podgauge logs daemonset/podgauge');
    await until('the log to tell', async () =>
      /"reason":"HTTP 401: [^"]*".*"msg":"Target does not take points: they wait"/.test(await log()),
    );
    await writeFile(join(admin.folder, 'token'), token);
    const secret = 'kubectl --namespace podgauge create secret generic influxdb --from-file=token=./token';
    await admin.sh(`${secret} --dry-run=client --output=yaml | kubectl replace --filename=-`);
    await until('points sent after it', async () => (await beats.since(revokedAt)).length >= 3, { seconds: 300 });
    const all = await beats.since(first?.time ?? 0);
    expect(byRun(all)).toHaveLength(1);
    expect(jumps(all)).toEqual([]);
    expect(all.at(-1)).toMatchObject({ dropped: 0, rejected: 0 });
    expect(runOf(await agentIn(site.cluster, 'podgauge'))).toEqual(runOf(agent));
    console.log(`a new token was taken ${((Date.now() - revokedAt) / 1000).toFixed(0)} s after the old one was revoked`);
    console.log(`podgauge on this node: ${await usageOf(site, 'staging', agent.metadata.name)}`);
  });

  test('an upgrade to another period makes a hole no longer than one pod takes for another', async () => {
    const { admin, cluster } = site;
    const old = await agentIn(cluster, 'podgauge');
    const [first] = await beats.next(1, Date.now() - 10_000);
    const replaced = replacedAt(cluster, old);
    replaced.catch(() => undefined);
    for (const command of await commandsOf('Upgrade')) await admin.sh(command);
    await admin.sh('kubectl --namespace podgauge rollout status daemonset/podgauge');
    // The API server's clock is the host's, the kubelet's and the agent's are the node's.
    const deletedAt = (await replaced) + (await cluster.worker.clock()) - Date.now();
    const agent = await agentIn(cluster, 'podgauge');
    const readyAt = conditionTime(agent, 'Ready');
    await beats.next(3, readyAt);

    const runs = byRun(await beats.since(first?.time ?? 0));
    expect(runs).toHaveLength(2);
    const [one = [], other = []] = runs;
    expect([...jumps(one), ...jumps(other)]).toEqual([]);
    expect(other[0]?.sequence).toBe(1);
    const hole = (other[0]?.time ?? Infinity) - (one.at(-1)?.time ?? 0);
    // The API's times are whole seconds.
    const replacement = readyAt + 1000 - deletedAt;
    console.log(`the hole was of ${hole} ms; the pod was replaced within ${replacement.toFixed(0)} ms`);
    // Before the order to go, and after the new pod was ready, up to a period passes in which no cycle is due.
    expect(hole).toBeLessThanOrEqual(1000 + replacement + 2000);
    expect(await admin.sh('kubectl --namespace podgauge logs daemonset/podgauge')).toContain('"periodMs":2000');
  });

  test('kubectl delete pod of a workload ends the points of that pod, and those of its successor come', async () => {
    const { admin, cluster } = site;
    const ofWeb = 'r._measurement == "k8s_container" and r.workload == "web" and r.workload_kind == "Deployment"';
    const written = async (after: number) => new Set((await beats.points(after, ofWeb)).map(({ pod }) => pod));
    const podOfWeb = () => admin.sh(`kubectl get pods --selector=app=web --output='jsonpath={.items[*].metadata.name}'`);
    const doomed = await podOfWeb();
    await admin.sh(`kubectl delete pod ${doomed}`);
    // A cycle may be under way when it goes, and the event that says so on its way.
    const goneAt = (await beats.next(3, await cluster.worker.clock())).at(-1)?.time ?? Infinity;
    const successor = await podOfWeb();
    expect(successor).not.toBe(doomed);
    await until('points of its successor', async () => (await written(goneAt)).has(successor));
    await beats.next(3, goneAt);
    expect(await written(0)).toEqual(new Set([doomed, successor]));
    expect(await beats.points(goneAt, `r.pod == "${doomed}"`)).toEqual([]);
  });

  test('without hostPID, the check has a line that says so, and the log one', async () => {
    await expectSightMissed(site, 'podgauge', takenHostPid);
  });

  test('helm uninstall leaves nothing of it, object by object', async () => {
    const { admin, cluster } = site;
    const [uninstall, ...rest] = await commandsOf('Remove');
    await admin.sh(uninstall ?? '');
    // The Secret has another token since, and `web` another pod.
    const expected = [expect.stringMatching(/^changed: v1 Secret podgauge\/influxdb: /)];
    const changesSince = async () =>
      changesBetween(before, await objectsOf(admin)).filter((change) => !change.includes(' v1 Pod default/web-'));
    let changes: readonly string[] = [];
    await until('its pod to go', async () => (await agentPods(cluster, 'podgauge')).length === 0);
    await until('the cluster as it was before', async () => (changes = await changesSince()).length === expected.length, {
      describe: () => changes.join('\n'),
    });
    expect(changes).toEqual(expected);
    const { stdout } = await cluster.worker.run('sh', '-c', 'grep -l "^Uid:.*19610" /proc/[0-9]*/status');
    expect(stdout).toBe('');
    for (const command of rest) await admin.sh(command);
  });
});

describe('with the host\u{2019}s /proc mounted read-only in place of hostPID, and file systems of the kubelet', () => {
  const namespace = 'mounted';
  let beats: Beats;

  beforeAll(async () => {
    const { admin, cluster, settings } = site;
    await writeFile(join(admin.folder, 'ca.crt'), cluster.kubeletCa);
    await writeFile(join(admin.folder, 'token'), (await createInfluxToken(site.influx, 'write')).token);
    await admin.sh(`kubectl create namespace ${namespace}`);
    await admin.sh(`kubectl --namespace ${namespace} create configmap kubelet-ca --from-file=ca.crt`);
    await admin.sh(
      `helm install podgauge charts/podgauge --namespace ${namespace} --values charts/podgauge/ci/mounted-proc-values.yaml ${settings} \
      --set-file influxdb.token=token --set clusterName=mounted --set fileSystems=kubelet --set fileSystemsPeriod=2s \
      --set kubeletCa.configMap=kubelet-ca`,
    );
    await admin.sh(`kubectl --namespace ${namespace} rollout status daemonset/podgauge`);
    beats = beatsOf(site, 'mounted');
  });

  test('every pod of the node is found in InfluxDB under its own tags, and no other', async () => {
    await expectAllSeries(site, 'mounted');
    await until('file systems', async () => (await beats.points(0, 'r._measurement == "k8s_container_fs"')).length > 0);
  });

  test('it has no right on the node that it does not need', async () => {
    const agent = await agentIn(site.cluster, namespace);
    expect(agent.spec).not.toHaveProperty('hostPID');
    await expectNoRights(site.cluster, agent, '3000 19610', '/host/proc');
    const target = await victimIn(site.cluster);
    // Who is not in its namespace of processes does not exist.
    expect(await tryFromInside(site.cluster, agent, '/host/proc', target.pid)).toEqual({ ...confined, 'kill it': 'ESRCH' });
    await expectUntouched(site.cluster, target);
  });

  test.each(takenRules)('without the right to $right, the check has a line for each, and the log one', async (taken) => {
    await expectRuleMissed(site, namespace, taken);
  });

  test.each(takenMounts)('without the $right, the check has a line that says so, and the log one', async (taken) => {
    await expectSightMissed(site, namespace, taken);
    // After the last one nobody needs it.
    if (taken !== takenMounts.at(-1)) await giveBack(site, namespace);
  });
});
