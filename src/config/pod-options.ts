/** The rows of the table of options that say which pods are written, and how they are named. */
import { integer, namedKeys, namespaces, oneOf } from './kinds.ts';
import type { Option } from './option.ts';

export const podOptions = {
  namespaces: {
    flag: '--namespaces',
    env: 'PODGAUGE_NAMESPACES',
    kind: namespaces,
    otherwise: 'all',
    help:
      'namespaces whose pods are collected; * stands for any characters, ! before a pattern leaves out, and the last pattern that ' +
      'matches decides',
  },
  podLabels: {
    flag: '--pod-labels',
    env: 'PODGAUGE_POD_LABELS',
    kind: namedKeys,
    otherwise: 'none',
    help: 'labels of a pod that are tags of all its measurements, each by its key or as key=tag',
  },
  podAnnotations: {
    flag: '--pod-annotations',
    env: 'PODGAUGE_POD_ANNOTATIONS',
    kind: namedKeys,
    otherwise: 'none',
    help: 'annotations of a pod that are tags of all its measurements, each by its key or as key=tag',
  },
  infoLabels: {
    flag: '--info-labels',
    env: 'PODGAUGE_INFO_LABELS',
    kind: namedKeys,
    otherwise: 'none',
    help: 'labels of a pod that are fields label_… of k8s_pod_info, which make no series, each by its key or as key=name',
  },
  infoAnnotations: {
    flag: '--info-annotations',
    env: 'PODGAUGE_INFO_ANNOTATIONS',
    kind: namedKeys,
    otherwise: 'none',
    help: 'annotations of a pod that are fields annotation_… of k8s_pod_info, each by its key or as key=name',
  },
  allowOptOut: {
    flag: '--allow-opt-out',
    env: 'PODGAUGE_ALLOW_OPT_OUT',
    kind: oneOf(['true', 'false']),
    default: 'false',
    help: 'whether pods with the annotation podgauge.io/collect: "false" are left out',
  },
  maxSeries: {
    flag: '--max-series',
    env: 'PODGAUGE_MAX_SERIES',
    kind: integer(0, 100_000_000),
    default: '100000',
    help:
      'series of the last 24 hours, about, from which on new pods are written together under their workload, with * for the pod, ' +
      'so that a flood of pods does not flood the database; 0: no cap',
  },
} as const satisfies Record<string, Option<unknown>>;
