/** Whole kernel files. Those of v1, of the network and of processes come from a Linux 6.18 host, those of v2 from its sources. */

export const cpuStatV2 = `usage_usec 9007199254741
user_usec 5000000
system_usec 2500001
nice_usec 0
core_sched.force_idle_usec 0
nr_periods 120
nr_throttled 7
throttled_usec 350000
nr_bursts 0
burst_usec 0
`;

export const cpuacctStat = `user 4211
system 1007
`;

export const memoryStatV2 = `anon 104857600
file 52428800
kernel 4194304
kernel_stack 65536
pagetables 131072
sec_pagetables 0
percpu 1024
sock 0
vmalloc 0
shmem 4096
file_mapped 8192
file_dirty 0
file_writeback 0
swapcached 0
anon_thp 0
inactive_anon 0
active_anon 104853504
inactive_file 12288
active_file 52416512
unevictable 0
slab_reclaimable 1000
slab_unreclaimable 2000
slab 3000
workingset_refault_anon 0
workingset_refault_file 0
pgscan 0
pgsteal 0
pgfault 12345
pgmajfault 67
pgrefill 0
thp_fault_alloc 0
`;

export const memoryStatV1 = `cache 14458880
rss 10760192
rss_huge 0
shmem 9068544
mapped_file 7503872
dirty 204800
writeback 0
swap 0
pgpgin 40151
pgpgout 33994
pgfault 43287
pgmajfault 3
inactive_anon 0
active_anon 1531904
inactive_file 262144
active_file 5128192
unevictable 18296832
hierarchical_memory_limit 9223372036854771712
hierarchical_memsw_limit 9223372036854771712
total_cache 3710615552
total_rss 329216000
total_rss_huge 0
total_swap 4096
total_pgfault 46618946
total_pgmajfault 5683
total_inactive_anon 318316544
total_inactive_file 1869541376
total_active_file 1832009728
total_unevictable 18296832
`;

export const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3293      31    0    0    0     0          0         0     3293      31    0    0    0     0       0          0
  eth0: 663585063   27777    1    2    3     4          5         6  1999128   17048    7    8    9    10      11         12
`;

export const netRoute = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT                                                       
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0                                                                               
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0                                                                               
`;

export const netIpv6Route = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

export const procCgroup = `9:name=systemd:/
8:pids:/kubepods/burstable/pod1f2e/abc
3:cpu,cpuacct:/system.slice/containerd.service/kubepods-pod1_2.slice:cri-containerd:abc
0::/../../kubepods.slice/cri-containerd-abc.scope
`;

export const mountinfo = `22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
35 26 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:9 master:2 - cgroup2 cgroup2 rw,nsdelegate
36 26 0:31 /kube\\040pods /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
99 98 0:77 / / rw,relatime - overlay overlay rw,lowerdir=/a\\134b:/c,upperdir=/var/lib/x\\054y/diff,workdir=/w
100 98 0:78 / /tab\\011here ro - tmpfs  rw
`;

export const procStat = `4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 1203 0 0 0 12 7 0 0 20 0 3 0 184467 12345678 321 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0
`;

export const cgroupProcs = `1
4242
0
0
32768
`;

/** Of a process in a pid namespace of its own, as the /proc of the host shows it. */
export const processStatus = `Name:	cat
Umask:	0022
State:	R (running)
Tgid:	12113
Ngid:	0
Pid:	12113
PPid:	12106
TracerPid:	0
Uid:	0	0	0	0
Gid:	0	0	0	0
FDSize:	256
Groups:	 
NStgid:	12113	8
NSpid:	12113	8
NSpgid:	12103	0
NSsid:	30923	0
Kthread:	0
Threads:	1
`;

export const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max processes             96365                96365                processes 
Max open files            20000                1048576              files     
Max locked memory         8388608              8388608              bytes     
Max nice priority         0                    0                    
`;
