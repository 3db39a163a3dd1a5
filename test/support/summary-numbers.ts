/** The numbers of the kubelet's Summary API, each with the field that has the same meaning, or with why there is none. */
import type { Measurement } from '../../src/metrics/measurements.ts';
import type { FieldName } from '../../src/metrics/table.ts';

/** Where a field is written. */
export interface OwnNumber {
  readonly measurement: Measurement;
  readonly field: FieldName;
  /** Tags of the series that the kubelet's answer has no words for. */
  readonly tags?: Readonly<Record<string, string>>;
  /** `rate`: compared as a mean over a steady load; `told`: by the kubelet itself, under its own time. */
  readonly kind: 'counter' | 'gauge' | 'rate' | 'told';
  /** What it counts beside what the kubelet counts. */
  readonly more?: { readonly count: number; readonly of: string };
  /** Milliseconds by which the kubelet read it before or after the time that it gives. */
  readonly apart?: number;
  /** The steps in which the kernel itself counts. */
  readonly step?: number;
  /** What is different in the meaning of the two, which are compared all the same. */
  readonly other?: string;
}

/** The time is that of what is used: what is left of the file system the kubelet has from another place, read at most so often. */
const restApart = 15_000;
/** The kernel takes memory for a cgroup 64 pages at a time on each processor, and this node has one. */
const memoryStep = 64 * 4096;

/** By their places in an answer. */
export const comparedNumbers: ReadonlyMap<string, OwnNumber> = new Map<string, OwnNumber>([
  ...usage('node', 'k8s_node'),
  [
    'node.memory.availableBytes',
    {
      measurement: 'k8s_node',
      field: 'memory_available_bytes',
      kind: 'gauge',
      other: "the kubelet: capacity less the working set; ours is the kernel's MemAvailable",
    },
  ],
  ...usage('node.systemContainers[]', 'k8s_system').filter(([place]) => !place.endsWith('availableBytes')),
  ...usage('pods[]', 'k8s_pod'),
  ...usage('pods[].containers[]', 'k8s_container'),
  ...network('node.network.interfaces[]', 'k8s_node_network'),
  ...network('pods[].network', 'k8s_pod_network'),
  ...network('pods[].network.interfaces[]', 'k8s_pod_network'),
  ...fileSystem('node.fs', 'k8s_node_fs', { filesystem: 'root' }),
  ...fileSystem('node.runtime.imageFs', 'k8s_node_fs', { filesystem: 'images' }),
  ...fileSystem('node.runtime.containerFs', 'k8s_node_fs', { filesystem: 'containers' }),
  ...fileSystem('pods[].ephemeral-storage', 'k8s_pod_fs', { filesystem: 'ephemeral' }),
  ...fileSystem('pods[].volume[]', 'k8s_pod_volume', {}),
  ...fileSystem('pods[].containers[].rootfs', 'k8s_container_fs', { filesystem: 'rootfs' }),
  ...fileSystem('pods[].containers[].logs', 'k8s_container_fs', { filesystem: 'logs' }),
  ['node.rlimit.curproc', { measurement: 'k8s_node', field: 'tasks', kind: 'gauge' }],
  [
    'pods[].process_stats.process_count',
    {
      measurement: 'k8s_pod',
      field: 'pids',
      kind: 'gauge',
      more: { count: 1, of: 'the one of the sandbox' },
      other: 'the kubelet counts processes, ours is their threads: one each here, but while a container is being made',
    },
  ],
]);

const otherOfWalk: readonly (readonly [place: RegExp, why: string])[] = [
  [
    /logs\.(available|capacity|inodes(Free)?$)/,
    'the kubelet gives those of its own root file system; ours is the file system that the logs are on',
  ],
  [/logs\.inodesUsed/, 'the kubelet counts the files; ours counts their directory too'],
  [/ephemeral/, "the kubelet adds the pod's hosts file, and logs that are, as here, in memory"],
];

/** What is free of a file system that all pods write to: it goes up and down between two readings. */
const freeSteps: Readonly<Record<string, number>> = { availableBytes: 4 * 2 ** 20, inodesFree: 64 };

/** The same of what podgauge finds by its own walk. */
export const walkedNumbers: ReadonlyMap<string, OwnNumber> = new Map(
  Array.from(comparedNumbers)
    .filter(
      ([place, { kind }]) => kind === 'told' && !/runtime|ephemeral-storage\.(available|capacity|inodes(Free)?$)/.test(place),
    )
    .map(([place, own]): Entry => {
      const other = otherOfWalk.find(([pattern]) => pattern.test(place))?.[1];
      const step = freeSteps[place.split('.').at(-1) ?? ''];
      return [place, { ...own, kind: 'gauge', ...(other !== undefined && { other }), ...(step !== undefined && { step }) }];
    }),
);

/** Numbers that are not compared, and why. */
export const otherNumbers: readonly (readonly [place: string, pattern: RegExp, why: string])[] = [
  [
    '`….psi.…`',
    /\.psi\.(some|full)\.\w+$/,
    'this kernel has no pressure stall information: the kubelet says 0, podgauge nothing',
  ],
  [
    '`….swap.swapAvailableBytes`',
    /\.swap\.swapAvailableBytes$/,
    'not a field: `swap_limit_bytes` less `swap_usage_bytes`, of the node `swap_total_bytes` less `swap_usage_bytes`',
  ],
  ['`node.rlimit.maxpid`', /^node\.rlimit\.maxpid$/, 'a setting, not collected'],
  [
    '`node.systemContainers[].memory.availableBytes`',
    /^node\.systemContainers\[\]\.memory\.availableBytes$/,
    'only the container `pods` has it',
  ],
];

/** Numbers of some things alone of which podgauge writes nothing, and why. */
export const otherThings: readonly (readonly [what: string, pattern: RegExp, why: string])[] = [
  [
    'the system container `pods`',
    /^node\.systemContainers\S+ kubepods\.slice$/,
    'the cgroup above all pods: `k8s_pod` has each of them',
  ],
  [
    'interfaces of a pod on the network of the node',
    /^pods\[\]\.network\.interfaces\S+ default host \w+$/,
    'they are the interfaces of the node, which the kubelet counts once more for each such pod',
  ],
  [
    '`memory.availableBytes` of a container without a limit',
    /^pods\[\]\.containers\[\]\.memory\.availableBytes /,
    'the kubelet says 0 until it has read that there is no limit, podgauge nothing',
  ],
];

type Entry = readonly [string, OwnNumber];

function usage(place: string, measurement: Measurement): readonly Entry[] {
  return [
    [`${place}.cpu.usageCoreNanoSeconds`, { measurement, field: 'cpu_usage_core_nanoseconds', kind: 'counter' }],
    [`${place}.cpu.usageNanoCores`, { measurement, field: 'cpu_usage_nanocores', kind: 'rate' }],
    [`${place}.memory.usageBytes`, { measurement, field: 'memory_usage_bytes', kind: 'gauge', step: memoryStep }],
    [`${place}.memory.workingSetBytes`, { measurement, field: 'memory_working_set_bytes', kind: 'gauge', step: memoryStep }],
    [`${place}.memory.rssBytes`, { measurement, field: 'memory_rss_bytes', kind: 'gauge', step: memoryStep }],
    [`${place}.memory.availableBytes`, { measurement, field: 'memory_available_bytes', kind: 'gauge', step: memoryStep }],
    [`${place}.memory.pageFaults`, { measurement, field: 'memory_page_faults', kind: 'counter' }],
    [`${place}.memory.majorPageFaults`, { measurement, field: 'memory_major_page_faults', kind: 'counter' }],
    [`${place}.swap.swapUsageBytes`, { measurement, field: 'swap_usage_bytes', kind: 'gauge' }],
  ];
}

function network(place: string, measurement: Measurement): readonly Entry[] {
  return [
    [`${place}.rxBytes`, { measurement, field: 'rx_bytes', kind: 'counter' }],
    [`${place}.rxErrors`, { measurement, field: 'rx_errors', kind: 'counter' }],
    [`${place}.txBytes`, { measurement, field: 'tx_bytes', kind: 'counter' }],
    [`${place}.txErrors`, { measurement, field: 'tx_errors', kind: 'counter' }],
  ];
}

function fileSystem(place: string, measurement: Measurement, tags: Readonly<Record<string, string>>): readonly Entry[] {
  const fields = [
    ['usedBytes', 'used_bytes'],
    ['availableBytes', 'available_bytes'],
    ['capacityBytes', 'capacity_bytes'],
    ['inodesUsed', 'inodes_used'],
    ['inodesFree', 'inodes_free'],
    ['inodes', 'inodes'],
  ] as const;
  return fields.map(([name, field]) => {
    const own = { measurement, field, tags, kind: 'told' } as const;
    return [
      `${place}.${name}`,
      /Free|available/.test(name) && measurement !== 'k8s_pod_volume' ? { ...own, apart: restApart } : own,
    ];
  });
}
