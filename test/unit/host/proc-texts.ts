/** Whole files of `/proc`, of the node and of a network namespace, from a Linux 6.18 host: some columns and numbers are changed. */

export const diskstats = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 253       0 vda 871572 73777 37099698 2446129 185374 526523 58998848 318058 0 307484 2829105 217546 423 45501712 59592 21256 5324
 254       1 vda1 11 12 13 14 15 16 17 18 3 19 20
 259       4 nvme0n1p4 5 0 40 2 7 0 56 3 1 4 6 8 0 72 9 0 0
`;

export const snmp = `Ip: Forwarding DefaultTTL InReceives InHdrErrors
Ip: 2 64 3523226 0
IcmpMsg: InType3 OutType3
IcmpMsg: 1094 12
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 36459 34542 1627 6273 4 3521565 3481325 7109 2 7740 0
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
Udp: 517 50 0 9569 3 0 0 0 0
UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
UdpLite: 0 0 0 0 0 0 0 0 0
`;

export const netstat = `TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts TW PAWSEstab ListenOverflows ListenDrops TCPHPHits TCPLostRetransmit TCPTimeouts TCPSynRetrans
TcpExt: 0 0 0 0 30750 1 3 4 993649 2 6510 1807
IpExt: InNoRoutes InTruncatedPkts InOctets OutOctets
IpExt: 0 0 7434394059 4293376577
`;

export const sockstatText = `sockets: used 21
TCP: inuse 1 orphan 2 tw 30 alloc 4 mem 131
UDP: inuse 5 mem 6
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`;

export const sockstat6Text = `TCP6: inuse 12
UDP6: inuse 3
UDPLITE6: inuse 0
RAW6: inuse 1
FRAG6: inuse 0 memory 0
`;

/** Rows as net/netfilter/nf_conntrack_standalone.c writes them. */
export const nfConntrack = `entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
000001a3  00000002 00000007 00000000 00000011 00000000 00000000 00000003 00000000 0000000a 00000005 00000001 00000004  00000000 00000000 00000000 0000001f
000001a3  00000000 00000009 00000000 0000002b 00000000 00000000 00000006 00000000 ffffffff 00000008 0000000c 00000000  00000000 00000000 00000000 0000000e
`;

export const stat = `cpu  765215 66249 333562 1428500 12739 3 6750 61295 17 19
cpu0 379141 33187 162724 727301 2452 1 2219 30272 8 9
cpu1 386074 33062 170838 701199 10287 2 4531 31023 9 10
intr 45316 0 9 0 0 0 0 0 0 0 0 0 0 144 0 0 23 0 41
ctxt 73685016
btime 1795471448
processes 275909
procs_running 2
procs_blocked 5
softirq 10350272 0 972153 13148 2959715 747397 0 3260 1397028 3994 4253577
`;

export const meminfoText = `MemTotal:       24684092 kB
MemFree:        17608960 kB
MemAvailable:   23283552 kB
Buffers:           50860 kB
Cached:          5288532 kB
SwapCached:            4 kB
Active(file):    2610460 kB
Inactive(file):  2720080 kB
SwapTotal:       2097148 kB
SwapFree:        2097144 kB
Dirty:            368708 kB
AnonPages:       1234567 kB
VmallocTotal:   34359738367 kB
HugePages_Total:      16
HugePages_Free:        9
Hugepagesize:       2048 kB
DirectMap1G:    25165824 kB
`;

export const loadavg = `3.38 2.71 1.60 2/148 16301
`;

export const bootId = '3f1c0a52-9b7e-4d0c-8a61-5e2f7c9d4b10\n';
