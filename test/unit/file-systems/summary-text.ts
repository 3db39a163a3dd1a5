/**
 * What a kubelet 1.36 with containerd answers, as its types (k8s.io/kubelet `pkg/apis/stats/v1alpha1/types.go`) and the code that
 * fills them (`pkg/kubelet/stats`) give it: indented by one space, parts without a measurement with a time of null, zeros for what
 * a volume's driver does not tell.
 */

/** When the answer below came. */
export const answeredAt = Date.parse('2026-03-04T10:20:31.250Z');

export const summaryText = `{
 "node": {
  "nodeName": "node-1",
  "systemContainers": [
   {
    "name": "pods",
    "startTime": "2026-03-01T08:00:11Z",
    "cpu": {
     "time": "2026-03-04T10:20:22Z",
     "usageNanoCores": 165934426,
     "usageCoreNanoSeconds": 9331508341412337
    },
    "memory": {
     "time": "2026-03-04T10:20:22Z",
     "availableBytes": 15915753472,
     "usageBytes": 752480256,
     "workingSetBytes": 713609216,
     "rssBytes": 381231104,
     "pageFaults": 0,
     "majorPageFaults": 0
    }
   }
  ],
  "startTime": "2026-03-01T07:59:02Z",
  "fs": {
   "time": "2026-03-04T10:20:29Z",
   "availableBytes": 36643016294,
   "capacityBytes": 50068459520,
   "usedBytes": 10874970931,
   "inodesFree": 2971396,
   "inodes": 3111321,
   "inodesUsed": 139925
  },
  "runtime": {
   "imageFs": {
    "time": "2026-03-04T10:20:26Z",
    "availableBytes": 36643016294,
    "capacityBytes": 50068459520,
    "usedBytes": 789861024,
    "inodesFree": 2971396,
    "inodes": 3111321,
    "inodesUsed": 8769
   },
   "containerFs": {
    "time": "2026-03-04T10:20:27Z",
    "availableBytes": 36643016294,
    "capacityBytes": 50068459520,
    "usedBytes": 1245184,
    "inodesFree": 2971396,
    "inodes": 3111321,
    "inodesUsed": 139925
   }
  },
  "rlimit": {
   "time": "2026-03-04T10:20:31Z",
   "maxpid": 32768,
   "curproc": 331
  }
 },
 "pods": [
  {
   "podRef": {
    "name": "web-6cddbdb5c8-blk57",
    "namespace": "shop",
    "uid": "96636a87-47f5-4970-a15e-6e7901925c90"
   },
   "startTime": "2026-03-04T09:11:06Z",
   "containers": [
    {
     "name": "nginx",
     "startTime": "2026-03-04T09:11:07Z",
     "cpu": {
      "time": "2026-03-04T10:20:28Z",
      "usageNanoCores": 29713960,
      "usageCoreNanoSeconds": 29328792,
      "psi": {
       "full": { "total": 0, "avg10": 0, "avg60": 0, "avg300": 0 },
       "some": { "total": 12, "avg10": 0.25, "avg60": 0.01, "avg300": 0 }
      }
     },
     "rootfs": {
      "time": "2026-03-04T10:20:24Z",
      "availableBytes": 36643016294,
      "capacityBytes": 50068459520,
      "usedBytes": 24576,
      "inodesFree": 2971396,
      "inodes": 3111321,
      "inodesUsed": 7
     },
     "logs": {
      "time": "2026-03-04T10:20:31Z",
      "availableBytes": 36643016294,
      "capacityBytes": 50068459520,
      "usedBytes": 4096,
      "inodesFree": 2971396,
      "inodes": 3111321,
      "inodesUsed": 2
     }
    },
    {
     "name": "just-started",
     "startTime": "2026-03-04T10:20:30Z",
     "rootfs": {
      "time": null
     }
    },
    {
     "name": "sidecar",
     "startTime": "2026-03-04T09:11:08Z",
     "rootfs": {
      "time": "1970-01-01T00:00:00Z",
      "usedBytes": 0,
      "inodesUsed": 1
     }
    }
   ],
   "volume": [
    {
     "time": "2026-03-04T10:19:49Z",
     "availableBytes": 8314667008,
     "capacityBytes": 8314679296,
     "usedBytes": 12288,
     "inodesFree": 2029942,
     "inodes": 2029951,
     "inodesUsed": 9,
     "name": "kube-api-access-sd9l8"
    },
    {
     "time": "2026-03-04T10:18:12Z",
     "availableBytes": 9223372036853727232,
     "capacityBytes": 9223372036854771712,
     "usedBytes": 1044480,
     "inodesFree": 0,
     "inodes": 0,
     "inodesUsed": 0,
     "name": "shared",
     "pvcRef": {
      "name": "efs-claim",
      "namespace": "shop"
     }
    },
    {
     "time": "2026-03-04T10:19:00Z",
     "availableBytes": 0,
     "capacityBytes": 10737418240,
     "usedBytes": 0,
     "inodesFree": 0,
     "inodes": 0,
     "inodesUsed": 0,
     "name": "raw-block",
     "pvcRef": {
      "name": "data-web-0",
      "namespace": "shop"
     }
    }
   ],
   "ephemeral-storage": {
    "time": "2026-03-04T10:20:31Z",
    "availableBytes": 36643016294,
    "capacityBytes": 50068459520,
    "usedBytes": 28672,
    "inodesFree": 2971396,
    "inodes": 3111321,
    "inodesUsed": 10
   },
   "process_stats": {
    "process_count": 3
   }
  },
  {
   "podRef": {
    "name": "etcd-node-1",
    "namespace": "kube-system",
    "uid": "3a1f0c5b7e9d2468ace013579bdf0246"
   },
   "startTime": "2026-03-01T08:00:12Z",
   "containers": null
  }
 ]
}
`;
