/** What containerd and the kubelet of a worker are told. Paths are the worker's. */

export interface NodeChoices {
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  readonly runtime: 'runc' | 'crun';
  /** The kubelet's longest wait before it starts a container again that ended, such as `1s`; 5 minutes where absent. */
  readonly longestBackOff?: string | undefined;
}

export const sandboxImage = 'test.local/pause:1';

/** containerd 1.6's own form: https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
export function containerdConfig({ cgroupDriver, runtime }: NodeChoices): string {
  return `
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/podgauge/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "${runtime}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${runtime}]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${runtime}.options]
        BinaryName = "${runtime}"
        SystemdCgroup = ${cgroupDriver === 'systemd'}
`;
}

/** Every pod has an address in one bridge; who asks beyond it comes to the gateway, which has none but the test's own. */
export function networkConfig(subnet: string): object {
  const ipam = { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, ipam };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [bridge, { type: 'loopback' }] };
}

/** Everyone who asks is named by a certificate or a token, and allowed by RBAC. */
export function kubeletConfig({ cgroupDriver, longestBackOff }: NodeChoices): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true, cacheTTL: '1s' },
      x509: { clientCAFile: '/run/podgauge/authority.crt' },
    },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '1s', cacheUnauthorizedTTL: '1s' } },
    tlsCertFile: '/run/podgauge/kubelet.crt',
    tlsPrivateKeyFile: '/run/podgauge/kubelet.key',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver,
    staticPodPath: '/run/podgauge/static-pods',
    fileCheckFrequency: '2s',
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '5s',
    // The host has swap or not.
    failSwapOn: false,
    resolvConf: '',
    makeIPTablesUtilChains: false,
    // The disk is what the host has free: nothing is to be done about it.
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    registryPullQPS: 0,
    ...(longestBackOff !== undefined && { crashLoopBackOff: { maxContainerRestartPeriod: longestBackOff } }),
  };
}
