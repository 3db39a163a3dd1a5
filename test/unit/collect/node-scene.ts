/** The files of a node with what it tells of itself. */
import type { HostEntries } from '../../support/host-tree.ts';
import { loadavg, meminfoText, netstat, nfConntrack, snmp, sockstat6Text, sockstatText, stat } from '../host/proc-texts.ts';
import { filesIn } from './host-of.ts';

export const nodeTags = { cluster: 'c', node: 'n' };

const columns =
  'Inter-|   Receive |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed\n';

/** `net/dev` with interfaces of these names: the first has 1 in its first column, 2 in its second, and so on. */
export function netDevOf(...names: readonly string[]): string {
  const counts = (index: number): string => Array.from({ length: 16 }, (_, column) => index * 100 + column + 1).join(' ');
  return columns + names.map((name, index) => `${name}: ${counts(index)}\n`).join('');
}

export const eth0 = {
  rx_bytes: 101,
  rx_packets: 102,
  rx_errors: 103,
  rx_dropped: 104,
  tx_bytes: 109,
  tx_packets: 110,
  tx_errors: 111,
  tx_dropped: 112,
};

export function processStat(pid: number, comm: string): string {
  return `${pid} (${comm}) S ${Array.from({ length: 18 }, () => '0').join(' ')} 7 0 0\n`;
}

/** What the root cgroup of v2 has. */
export const rootCgroup: HostEntries = filesIn('sys/fs/cgroup', {
  'cgroup.controllers': 'cpu memory pids\n',
  'cpu.stat': 'usage_usec 11717790123\nuser_usec 8314640456\nsystem_usec 3403150789\n',
  'memory.stat': 'anon 1\nfile 2\ninactive_file 2785361920\npgfault 3\npgmajfault 4\n',
  'cgroup.stat': 'nr_descendants 113\nnr_dying_descendants 4\n',
});

export const procFiles: HostEntries = filesIn('proc', {
  stat,
  loadavg,
  meminfo: meminfoText,
  vmstat: 'nr_free_pages 1\noom_kill 3\npgfault 2\npgmajfault 1\n',
  'pressure/cpu':
    'some avg10=1.50 avg60=0.25 avg300=0.00 total=18014398509481985\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'pressure/memory': 'some avg10=0.10 avg60=0.20 avg300=0.30 total=10\nfull avg10=0.40 avg60=0.50 avg300=0.60 total=20\n',
  'pressure/io': 'some avg10=0.01 avg60=0.02 avg300=0.03 total=30\nfull avg10=0.04 avg60=0.05 avg300=0.06 total=40\n',
  'pressure/irq': 'full avg10=7.00 avg60=8.00 avg300=9.00 total=50\n',
});

export const initFiles: HostEntries = filesIn('proc', {
  '1/stat': processStat(1, 'systemd'),
  '1/net/dev': netDevOf('lo', 'eth0'),
  '1/net/snmp': snmp,
  '1/net/netstat': netstat,
  '1/net/sockstat': sockstatText,
  '1/net/sockstat6': sockstat6Text,
  '1/net/stat/nf_conntrack': nfConntrack,
  'sys/net/netfilter/nf_conntrack_max': '262144\n',
});

/** What `procFiles` say, by the fields of `k8s_node`, but what the root cgroup has too. */
export const procFields = {
  cpu_idle_nanoseconds: 14_285_000_000_000,
  cpu_iowait_nanoseconds: 127_390_000_000,
  cpu_steal_nanoseconds: 612_950_000_000,
  cpu_count: 2,
  context_switches: 73_685_016,
  forks: 275_909,
  tasks_running: 2,
  tasks_blocked: 5,
  boot_at_milliseconds: 1_795_471_448_000,
  load1: 3.38,
  load5: 2.71,
  load15: 1.6,
  tasks: 148,
  memory_total_bytes: 25_276_510_208,
  memory_free_bytes: 18_031_575_040,
  memory_available_bytes: 23_842_357_248,
  swap_total_bytes: 2_147_479_552,
  swap_usage_bytes: 4096,
  oom_kills_total: 3,
  cpu_pressure_some_microseconds: 18_014_398_509_481_985n,
  cpu_pressure_some_avg10_percent: 1.5,
  cpu_pressure_some_avg60_percent: 0.25,
  cpu_pressure_some_avg300_percent: 0,
  cpu_pressure_full_microseconds: 0,
  cpu_pressure_full_avg10_percent: 0,
  cpu_pressure_full_avg60_percent: 0,
  cpu_pressure_full_avg300_percent: 0,
  memory_pressure_some_microseconds: 10,
  memory_pressure_some_avg10_percent: 0.1,
  memory_pressure_some_avg60_percent: 0.2,
  memory_pressure_some_avg300_percent: 0.3,
  memory_pressure_full_microseconds: 20,
  memory_pressure_full_avg10_percent: 0.4,
  memory_pressure_full_avg60_percent: 0.5,
  memory_pressure_full_avg300_percent: 0.6,
  io_pressure_some_microseconds: 30,
  io_pressure_some_avg10_percent: 0.01,
  io_pressure_some_avg60_percent: 0.02,
  io_pressure_some_avg300_percent: 0.03,
  io_pressure_full_microseconds: 40,
  io_pressure_full_avg10_percent: 0.04,
  io_pressure_full_avg60_percent: 0.05,
  io_pressure_full_avg300_percent: 0.06,
  irq_pressure_full_microseconds: 50,
  irq_pressure_full_avg10_percent: 7,
  irq_pressure_full_avg60_percent: 8,
  irq_pressure_full_avg300_percent: 9,
};

/** What is in both, as `/proc` has it: CPU time in steps of 10 ms. */
export const procOnlyFields = {
  cpu_usage_core_nanoseconds: 12_330_740_000_000,
  cpu_user_nanoseconds: 8_314_640_000_000,
  cpu_system_nanoseconds: 3_403_150_000_000,
  memory_rss_bytes: 1_264_196_608,
  memory_cache_bytes: 5_467_541_504,
  memory_inactive_file_bytes: 2_785_361_920,
  memory_page_faults: 2,
  memory_major_page_faults: 1,
};

/** The same as the root cgroup has it, and what it alone has. */
export const rootFields = {
  cpu_usage_core_nanoseconds: 11_717_790_123_000,
  cpu_user_nanoseconds: 8_314_640_456_000,
  cpu_system_nanoseconds: 3_403_150_789_000,
  memory_rss_bytes: 1,
  memory_cache_bytes: 2,
  memory_inactive_file_bytes: 2_785_361_920,
  memory_page_faults: 3,
  memory_major_page_faults: 4,
  cgroups: 113,
  cgroups_dying: 4,
};

/** What `initFiles` say of the node's network. */
export const networkFields = {
  tcp_established: 4,
  tcp_segments_out: 3_481_325,
  tcp_retransmits: 7109,
  tcp_resets_sent: 7740,
  tcp_resets_received: 6273,
  tcp_connects_failed: 1627,
  udp_receive_errors: 0,
  udp_receive_buffer_errors: 3,
  tcp_listen_overflows: 3,
  tcp_listen_drops: 4,
  sockets: 21,
  tcp_sockets: 13,
  tcp_time_wait_sockets: 30,
  udp_sockets: 8,
  conntrack_entries: 419,
  conntrack_dropped: 0xa + 0x5 + 0x1 + 0xff_ff_ff_ff + 0x8 + 0xc,
  conntrack_limit: 262_144,
};
