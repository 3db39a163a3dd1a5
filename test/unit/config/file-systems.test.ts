import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { load, refusal } from './load.ts';
import type { Layers } from './load.ts';

const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', NODE_NAME: 'n1' };
const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

async function fileSystemsOf(layers: Layers): Promise<Config['fileSystems']> {
  return (await load(layers)).fileSystems;
}

describe('by default', () => {
  test('nobody is asked and nothing is walked, wherever podgauge runs', async () => {
    expect(await fileSystemsOf({ env: inCluster })).toBeUndefined();
    expect(await fileSystemsOf({})).toBeUndefined();
    expect(await fileSystemsOf({ argv: ['--file-systems=none'], env: inCluster })).toBeUndefined();
  });

  test('the kubelet is asked once a minute, and trusted by the CA of the cluster', async () => {
    expect(await fileSystemsOf({ argv: ['--file-systems=kubelet'], env: inCluster })).toEqual({
      kind: 'kubelet',
      periodMs: 60_000,
      tokenFile: `${directory}/token`,
      trust: { kind: 'ca', file: `${directory}/ca.crt` },
    });
  });

  test('a walk begins at the root of process 1, once a minute', async () => {
    expect(await fileSystemsOf({ argv: ['--file-systems=walk', '--proc-root=/host/proc'] })).toEqual({
      kind: 'walk',
      periodMs: 60_000,
      hostRoot: '/host/proc/1/root',
    });
  });
});

test('token and CA are of the service account that is configured', async () => {
  const argv = ['--file-systems=kubelet', '--file-systems-period=2m'];
  expect(await fileSystemsOf({ argv, env: { ...inCluster, PODGAUGE_SERVICE_ACCOUNT_DIR: '/run/sa' } })).toEqual({
    kind: 'kubelet',
    periodMs: 120_000,
    tokenFile: '/run/sa/token',
    trust: { kind: 'ca', file: '/run/sa/ca.crt' },
  });
});

test('the kubelet needs an API server, which says where it is; a walk does not', async () => {
  const message = await refusal({ argv: ['--source=cgroup', '--file-systems=kubelet'], env: inCluster });
  expect(message).toMatch(
    /^The API server says where the kubelet is: set --source .+ to kubernetes, or leave --file-systems .+ out$/,
  );
  expect(await fileSystemsOf({ argv: ['--source=cgroup', '--file-systems=walk'], env: inCluster })).toMatchObject({
    kind: 'walk',
  });
});

describe('a kubelet whose certificate is not verified', () => {
  const argv = ['--file-systems=kubelet', '--kubelet-insecure=true'];

  test('is an explicit value', async () => {
    expect(await fileSystemsOf({ argv, env: inCluster })).toMatchObject({ trust: { kind: 'unverified' } });
    expect(await fileSystemsOf({ argv: ['--file-systems=kubelet', '--kubelet-insecure=false'], env: inCluster })).toMatchObject(
      { trust: { kind: 'ca' } },
    );
  });

  test('contradicts a CA, in whatever layers the two are', async () => {
    const file = 'kubeletCaFile: /run/ca.crt\n';
    expect(await refusal({ argv, env: inCluster, file })).toMatch(/^--kubelet-insecure .+ takes any certificate: leave /);
    const laterWins = ['--file-systems=kubelet', '--kubelet-insecure=false'];
    const env = { ...inCluster, PODGAUGE_KUBELET_INSECURE: 'true' };
    expect(await fileSystemsOf({ argv: laterWins, env, file })).toMatchObject({ trust: { kind: 'ca', file: '/run/ca.crt' } });
  });
});
