/** What podgauge's account may do on a real API server, and what its pods may take of the host. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '../servers/api-server.ts';
import { ensureClients } from '../servers/kubectl.ts';
import { manifestsIn, render, runWithInput, valuesFiles, type Manifest } from '../support/chart.ts';
import { podSpecOf, type PodSpec } from '../support/chart-pod.ts';
import { until } from '../support/until.ts';

const least = ['nodes [get]', 'pods [list watch]'];
const withKubelet = ['nodes [get]', 'nodes/stats [get]', 'pods [list watch]'];

/** Beside what every account may do. */
const rightsWith: Readonly<Record<string, readonly string[]>> = {
  everything: withKubelet,
  'existing-secret': least,
  'kubelet-file-systems': withKubelet,
  minimal: least,
  'mounted-proc': least,
  openshift: least,
  stdout: [],
};

let server: ApiServer;
let folder: string;

beforeAll(async () => {
  server = await startApiServer();
  folder = await mkdtemp(join(tmpdir(), 'podgauge-rights-'));
  await writeFile(join(folder, 'admin'), server.kubeconfig({ token: server.adminToken }));
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function kubectl(args: readonly string[], input: string, kubeconfig = 'admin'): Promise<string> {
  const clients = await ensureClients();
  const { code, stdout, stderr } = await runWithInput(
    clients.kubectl,
    ['--kubeconfig', join(folder, kubeconfig), ...args],
    input,
  );
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

function apply(manifests: readonly Manifest[]): Promise<string> {
  return kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
}

describe('the account', () => {
  test('has a list of rights here for each values file', () => {
    expect(Object.keys(rightsWith).toSorted()).toEqual(valuesFiles().toSorted());
  });

  test.each(Object.entries(rightsWith))('may do exactly this with the values of %s: %j', async (file, wanted) => {
    const namespace = `rights-${file}`;
    await server.api.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const manifests = manifestsIn(await render({ file, namespace, values: { namespaceOverride: namespace } }));
    const roles = manifests.filter(({ kind }) => ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'].includes(kind));
    if (roles.length > 0) await apply(roles);
    const { serviceAccountName } = podSpecOf(manifests);
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    for (const name of roles.length > 0 ? ['unbound'] : ['unbound', serviceAccountName])
      await server.api.request('POST', accounts, { metadata: { name } });

    await expect.poll(() => rightsBeyond(namespace, serviceAccountName), { timeout: 10_000 }).toEqual(wanted);
  });

  test.each(valuesFiles())('has no right that a ClusterRole of %s does not say', async (file) => {
    const roles = manifestsIn(await render({ file })).filter(({ kind }) => kind.endsWith('Role'));
    const rules = roles.flatMap((role) => role.rules ?? []);
    expect(rules.map(({ resources, verbs }) => `${resources.join(' ')} [${verbs.join(' ')}]`).toSorted()).toEqual(
      rightsWith[file],
    );
  });
});

/** What `kubectl auth can-i --list` says to an account and not to one that nothing is bound to. */
async function rightsBeyond(namespace: string, account: string): Promise<readonly string[]> {
  const [bound, unbound] = await Promise.all([rightsOf(namespace, account), rightsOf(namespace, 'unbound')]);
  return bound.filter((line) => !unbound.includes(line)).map((line) => line.replace(/ \[\] \[\] /, ' '));
}

async function rightsOf(namespace: string, account: string): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const { status } = await server.api.request('POST', path, { spec: {} });
  const kubeconfig = `${namespace}-${account}`;
  await writeFile(join(folder, kubeconfig), server.kubeconfig({ token: String(status?.['token']) }));
  const list = await kubectl(['auth', 'can-i', '--list', '--no-headers', '--namespace', namespace], '', kubeconfig);
  return list
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .toSorted();
}

interface Change {
  readonly what: string;
  readonly message: string;
  change(spec: PodSpec): object;
}

const uid = 'a pod that sees the host must run as uid 19610 alone';
const paths = 'a pod here may mount';
const noHost = "no pod here may have the host's network, IPC or ports";
const noPrivilege = 'no container here may be privileged or be given a capability';

/** What the policy refuses of a pod that is else podgauge's own. */
const changes: readonly Change[] = [
  { what: 'the network of the host', message: noHost, change: () => ({ hostNetwork: true }) },
  { what: 'the IPC of the host', message: noHost, change: () => ({ hostIPC: true }) },
  { what: 'a port of the host', message: noHost, change: withContainer({ ports: [{ containerPort: 1, hostPort: 1 }] }) },
  { what: 'the root directory', message: paths, change: withVolume('/') },
  { what: 'a directory above the allowed one', message: paths, change: withVolume('/sys/fs') },
  { what: 'a path that only begins like it', message: paths, change: withVolume('/sys/fs/cgroup-more') },
  { what: 'the socket of the runtime', message: paths, change: withVolume('/run/containerd/containerd.sock') },
  { what: 'the directory of another release', message: paths, change: withVolume('/var/lib/podgauge/another.podgauge') },
  { what: 'the directory above that of each release', message: paths, change: withVolume('/var/lib/podgauge') },
  { what: 'privilege', message: noPrivilege, change: withSecurity({ privileged: true, allowPrivilegeEscalation: true }) },
  {
    what: 'a capability',
    message: noPrivilege,
    change: withSecurity({ capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } }),
  },
  { what: 'the capabilities that nobody dropped', message: uid, change: withSecurity({ capabilities: null }) },
  { what: 'privilege escalation', message: uid, change: withSecurity({ allowPrivilegeEscalation: null }) },
  { what: 'another uid', message: uid, change: withSecurity({ runAsUser: 1000 }) },
  { what: 'no uid at all', message: uid, change: () => ({ securityContext: {} }) },
  {
    what: 'another uid of an init container',
    message: uid,
    change: () => ({ initContainers: [{ name: 'first', image: 'test.invalid/none', securityContext: { runAsUser: 0 } }] }),
  },
];

function withContainer(change: object): Change['change'] {
  return ({ containers }) => ({ containers: containers.map((one) => ({ ...one, ...change })) });
}

function withSecurity(change: object): Change['change'] {
  return ({ containers }) => ({
    containers: containers.map((one) => ({ ...one, securityContext: { ...one.securityContext, ...change } })),
  });
}

function withVolume(path: string): Change['change'] {
  return ({ volumes }) => ({ volumes: [...volumes, { name: 'more', hostPath: { path } }] });
}

describe.each([
  { proc: 'hostPID', state: 'emptyDir', writable: [] },
  { proc: 'mount', state: 'emptyDir', writable: [] },
  { proc: 'hostPID', state: 'hostPath', writable: ['/var/lib/podgauge/policy-hostpid-hostpath.podgauge'] },
])('the admission policy, with host.proc $proc and state.type $state', ({ proc, state, writable }) => {
  const namespace = `policy-${proc}-${state}`.toLowerCase();
  let spec: PodSpec;

  beforeAll(async () => {
    await server.api.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const values = { host: { proc }, state: { type: state, hostPath: { prepared: true } } };
    const manifests = manifestsIn(await render({ file: 'mounted-proc', namespace, values }));
    await apply(manifests.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')));
    spec = podSpecOf(manifests);
    // A policy takes some time until it holds.
    await until('the policy holds', async () => (await admitted({ ...spec, hostNetwork: true })).includes(noHost));
  });

  /** `admitted`, or the message of the refusal. */
  async function admitted(pod: object, name = 'pod'): Promise<string> {
    try {
      await server.api.request('POST', `/api/v1/namespaces/${name === 'pod' ? namespace : name}/pods?dryRun=All`, {
        metadata: { name: 'pod' },
        spec: pod,
      });
      return 'admitted';
    } catch (error) {
      return String(error);
    }
  }

  test('admits its own pods', async () => {
    expect(await admitted(spec)).toBe('admitted');
  });

  test('refuses each path that can be written and need not be', async () => {
    const mounted = spec.volumes.filter(({ hostPath }) => hostPath !== undefined);
    for (const { name, hostPath } of mounted) {
      const pod = { ...spec, ...withContainer({ volumeMounts: [{ name, mountPath: '/host' }] })(spec) };
      const mayBe = writable.some((path) => path === hostPath?.path);
      expect(await admitted(pod)).toContain(mayBe ? 'admitted' : 'of the host may be mounted read-only alone');
    }
    expect(mounted).toHaveLength(writable.length + (proc === 'mount' ? 2 : 1));
  });

  test('admits pods that take nothing of the host', async () => {
    expect(await admitted({ containers: [{ name: 'main', image: 'test.invalid/none' }] })).toBe('admitted');
  });

  test.each(changes)('refuses $what', async ({ change, message }) => {
    expect(await admitted({ ...spec, ...change(spec) })).toContain(message);
  });

  test('refuses a debug container with more rights', async () => {
    const pod = { metadata: { name: 'debugged' }, spec };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const made = await server.api.request('POST', path, pod);
    const debug = { name: 'debug', image: 'test.invalid/none', securityContext: { runAsUser: 0 } };
    const body = { spec: { ephemeralContainers: [debug] } };
    const patch = server.api.request('PATCH', `${path}/debugged/ephemeralcontainers?dryRun=All`, body);
    await expect(patch).rejects.toThrow(uid);
    await server.api.deletePod(made);
  });

  test('refuses the other way to see processes', async () => {
    const other = proc === 'mount' ? { hostPID: true } : withVolume('/proc')(spec);
    expect(await admitted({ ...spec, ...other })).toMatch(proc === 'mount' ? "host's processes by hostPID" : paths);
  });

  test('holds in its own namespace alone', async () => {
    expect(await admitted({ ...spec, hostNetwork: true }, 'default')).toBe('admitted');
  });
});
