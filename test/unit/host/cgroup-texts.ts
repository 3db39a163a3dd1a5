/**
 * Whole files of cgroups, about devices, pressure and CPUs. Those of v1 come from a Linux 6.18 host, those of v2 from a 6.18 host where
 * it has them, else from the examples and the order of keys of Linux's own documentation and sources.
 */

export const cpuPressure = `some avg10=28.19 avg60=49.50 avg300=41.87 total=3657013863
full avg10=0.07 avg60=0.00 avg300=100.00 total=9007199254740993
`;

export const irqPressure = `full avg10=0.31 avg60=0.25 avg300=0.19 total=1254118
`;

/** block/blk-cgroup.c and block/blk-iocost.c of Linux 6.18. */
export const ioStat = `8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021
254:1 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=512 dios=7 cost.usage=1103 cost.wait=205 cost.indebt=31 cost.indelay=17
`;

export const blkioBytes = `254:0 Read 528384
254:0 Write 524288
254:0 Sync 1576960
254:0 Async 0
254:0 Discard 524289
254:0 Total 1576960
8:16 Read 4096
8:16 Write 0
8:16 Sync 4096
8:16 Async 0
8:16 Discard 0
8:16 Total 4096
Total 1581056
`;

export const cpuMax = `50000 100000
`;

export const cpuList = `0-3,8,10-11
`;
