/** Every file of a cgroup v2 that is read, each value in it another, and what they are read as. */
import type { Fields } from '../../../src/model.ts';

const pressureOf = (first: number): string => `some avg10=${first}.01 avg60=${first}.02 avg300=${first}.03 total=${first}4
full avg10=${first}.05 avg60=${first}.06 avg300=${first}.07 total=${first}8
`;

export const filesV2 = {
  'cpu.stat': `usage_usec 9007199254741
user_usec 5000000
system_usec 2500001
nice_usec 0
nr_periods 120
nr_throttled 7
throttled_usec 350000
nr_bursts 3
burst_usec 40
`,
  'cpu.stat.local': 'throttled_usec 1234\n',
  'cpu.max': '50000 100000\n',
  'cpuset.cpus.effective': '0-3,8\n',
  'cpuset.mems.effective': '0\n',
  'memory.current': '1000\n',
  'memory.stat': `anon 1
file 2
kernel 3
kernel_stack 4
pagetables 5
sock 6
shmem 7
file_mapped 8
file_dirty 9
file_writeback 10
swapcached 99
anon_thp 11
file_thp 12
shmem_thp 13
inactive_anon 14
active_anon 15
inactive_file 16
active_file 17
unevictable 18
slab_reclaimable 19
slab_unreclaimable 99
slab 20
workingset_refault_anon 21
workingset_refault_file 22
pgscan 23
pgsteal 24
pgfault 25
pgmajfault 26
zswap 99
zswapped 27
zswpin 28
zswpout 29
`,
  'memory.events': 'low 31\nhigh 32\nmax 33\noom 34\noom_kill 35\noom_group_kill 36\n',
  'memory.events.local': 'low 41\nhigh 42\nmax 43\noom 44\noom_kill 45\noom_group_kill 46\n',
  'memory.max': '2000\n',
  'memory.high': '1900\n',
  'memory.peak': '1800\n',
  'memory.swap.current': '51\n',
  'memory.swap.max': '52\n',
  'memory.swap.peak': '53\n',
  'memory.swap.events': 'high 54\nmax 55\nfail 56\n',
  'memory.zswap.current': '57\n',
  'cpu.pressure': pressureOf(1),
  'memory.pressure': pressureOf(2),
  'io.pressure': pressureOf(3),
  'irq.pressure': 'full avg10=4.05 avg60=4.06 avg300=4.07 total=48\n',
  'pids.current': '61\n',
  'pids.max': '62\n',
  'pids.peak': '63\n',
  'pids.events': 'max 64\n',
  'cgroup.events': 'populated 1\nfrozen 0\n',
} as const;

/** What is read of them in every cycle. */
export const hotFieldsV2: Fields = {
  cpu_usage_core_nanoseconds: 9007199254741000n,
  cpu_user_nanoseconds: 5_000_000_000,
  cpu_system_nanoseconds: 2_500_001_000,
  cpu_cfs_periods: 120,
  cpu_cfs_throttled_periods: 7,
  cpu_cfs_throttled_nanoseconds: 350_000_000,
  cpu_cfs_bursts: 3,
  cpu_cfs_burst_nanoseconds: 40_000,
  memory_usage_bytes: 1000,
  memory_rss_bytes: 1,
  memory_cache_bytes: 2,
  memory_inactive_file_bytes: 16,
  memory_active_file_bytes: 17,
  memory_page_faults: 25,
  memory_major_page_faults: 26,
  memory_low_events: 31,
  memory_high_events: 32,
  memory_max_events: 33,
  memory_oom_events: 34,
  memory_oom_kills: 35,
  memory_oom_group_kills: 36,
  swap_usage_bytes: 51,
  cpu_pressure_some_avg10_percent: 1.01,
  cpu_pressure_some_avg60_percent: 1.02,
  cpu_pressure_some_avg300_percent: 1.03,
  cpu_pressure_some_microseconds: 14,
  cpu_pressure_full_avg10_percent: 1.05,
  cpu_pressure_full_avg60_percent: 1.06,
  cpu_pressure_full_avg300_percent: 1.07,
  cpu_pressure_full_microseconds: 18,
  memory_pressure_some_avg10_percent: 2.01,
  memory_pressure_some_avg60_percent: 2.02,
  memory_pressure_some_avg300_percent: 2.03,
  memory_pressure_some_microseconds: 24,
  memory_pressure_full_avg10_percent: 2.05,
  memory_pressure_full_avg60_percent: 2.06,
  memory_pressure_full_avg300_percent: 2.07,
  memory_pressure_full_microseconds: 28,
  io_pressure_some_avg10_percent: 3.01,
  io_pressure_some_avg60_percent: 3.02,
  io_pressure_some_avg300_percent: 3.03,
  io_pressure_some_microseconds: 34,
  io_pressure_full_avg10_percent: 3.05,
  io_pressure_full_avg60_percent: 3.06,
  io_pressure_full_avg300_percent: 3.07,
  io_pressure_full_microseconds: 38,
  irq_pressure_full_avg10_percent: 4.05,
  irq_pressure_full_avg60_percent: 4.06,
  irq_pressure_full_avg300_percent: 4.07,
  irq_pressure_full_microseconds: 48,
  pids: 61,
};

/** What is read now and then, and written every cycle. */
export const limitFieldsV2: Fields = {
  cpu_limit_nanocores: 500_000_000,
  cpuset_cpus: '0-3,8',
  cpuset_cpu_count: 5,
  cpuset_mems: '0',
  memory_limit_bytes: 2000,
  memory_effective_limit_bytes: 2000,
  memory_high_bytes: 1900,
  swap_limit_bytes: 52,
  pids_limit: 62,
};

/** What is read now and then, of a file that is read every cycle too, and written when it was. */
export const rareFieldsV2: Fields = {
  cpu_cfs_throttled_self_nanoseconds: 1_234_000,
  memory_peak_bytes: 1800,
  memory_kernel_bytes: 3,
  memory_kernel_stack_bytes: 4,
  memory_page_tables_bytes: 5,
  memory_sock_bytes: 6,
  memory_shmem_bytes: 7,
  memory_mapped_file_bytes: 8,
  memory_dirty_bytes: 9,
  memory_writeback_bytes: 10,
  memory_anon_huge_bytes: 11,
  memory_file_huge_bytes: 12,
  memory_shmem_huge_bytes: 13,
  memory_inactive_anon_bytes: 14,
  memory_active_anon_bytes: 15,
  memory_unevictable_bytes: 18,
  memory_slab_reclaimable_bytes: 19,
  memory_slab_bytes: 20,
  memory_refaults_anon: 21,
  memory_refaults_file: 22,
  memory_pages_scanned: 23,
  memory_pages_stolen: 24,
  zswap_stored_bytes: 27,
  zswap_pages_in: 28,
  zswap_pages_out: 29,
  memory_self_low_events: 41,
  memory_self_high_events: 42,
  memory_self_max_events: 43,
  memory_self_oom_events: 44,
  memory_self_oom_kills: 45,
  memory_self_oom_group_kills: 46,
  swap_peak_bytes: 53,
  swap_high_events: 54,
  swap_max_events: 55,
  swap_fail_events: 56,
  zswap_usage_bytes: 57,
  pids_peak: 63,
  pids_max_events: 64,
  frozen: false,
  populated: true,
};
