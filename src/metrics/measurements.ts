const node = ['cluster', 'node'] as const;
const pod = ['cluster', 'namespace', 'node', 'pod', 'qos', 'workload', 'workload_kind'] as const;
const container = ['cluster', 'container', 'namespace', 'node', 'pod', 'qos', 'workload', 'workload_kind'] as const;

/** The tags of each measurement. The set is constant: every point carries all of them, never empty. */
export const measurements = {
  k8s_container: { tags: container, help: 'one container, from its own cgroup' },
  k8s_container_io: { tags: [...container, 'device'], help: 'what one container read from and wrote to one block device' },
  k8s_container_hugetlb: {
    tags: [...container, 'page_size'],
    help: 'huge pages of one size, of a container that may use them',
  },
  k8s_container_fs: {
    tags: [...container, 'filesystem'],
    help: 'what one container keeps on disk: `rootfs` is its writable layer, `logs` its logs',
  },
  k8s_container_info: { tags: container, help: 'what the API server says of one container: on change and every few minutes' },
  k8s_pod: { tags: pod, help: "one pod, from the pod's own cgroup: survives the restarts of its containers" },
  k8s_pod_io: { tags: [...pod, 'device'], help: 'what one pod read from and wrote to one block device' },
  k8s_pod_hugetlb: { tags: [...pod, 'page_size'], help: 'huge pages of one size, of a pod that may use them' },
  k8s_pod_network: {
    tags: [...pod, 'interface'],
    help: "one network interface of one pod's own network namespace; pods on the host's network have none",
  },
  k8s_pod_fs: { tags: [...pod, 'filesystem'], help: 'what one pod keeps on the disk of the node: `ephemeral` is all of it' },
  k8s_pod_volume: {
    tags: [...pod, 'volume'],
    help: "one volume of one pod; podgauge's own walk knows `emptyDir` volumes alone",
  },
  k8s_pod_info: { tags: pod, help: 'what the API server says of one pod: on change and every few minutes' },
  k8s_system: {
    tags: [...node, 'slice'],
    help: "one of the host's own slices and services, but for names that never come again (systemd-run's, those of one connection, ids of containers); `/` is the root cgroup",
  },
  k8s_node: { tags: node, help: 'the node as a whole' },
  k8s_node_network: {
    tags: [...node, 'interface'],
    help: "one network interface of the node's own; those of pods, which come and go, are left out",
  },
  k8s_node_fs: {
    tags: [...node, 'filesystem'],
    help: 'a file system of the node: `root`, that of `images`, and that of the writable layers of `containers`',
  },
  podgauge: { tags: node, help: 'the heartbeat of the agent, one a cycle' },
  podgauge_collector: { tags: [...node, 'collector'], help: 'what one collector of the agent did, once a cycle' },
  podgauge_series: {
    tags: [...node, 'measurement'],
    help: 'how much of the database one measurement of this node takes: on change and every few minutes',
  },
} as const satisfies Record<string, { tags: readonly string[]; help: string }>;

export type Measurement = keyof typeof measurements;

/** What has the files of a cgroup. */
export const cgroups = ['k8s_container', 'k8s_pod', 'k8s_system'] as const;
/** The same, and the node, which the kernel tells most of it about elsewhere. */
export const cgroupsAndNode = ['k8s_container', 'k8s_pod', 'k8s_system', 'k8s_node'] as const;
/** What of a cgroup is in a specification as well. */
export const specified = ['k8s_container', 'k8s_pod'] as const;
