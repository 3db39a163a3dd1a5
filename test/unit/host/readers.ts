/** Every reader of src/host, for what has to hold for each. */
import { cgroupReaders } from './cgroup-readers.ts';
import { procReaders } from './proc-readers.ts';
import type { Reader } from './reader.ts';

export const readers: readonly Reader[] = [...cgroupReaders, ...procReaders];

/** What else src/host exports: what reads numbers, words and lines for the readers, opens files, and computes. */
export const otherFunctions: readonly string[] = [
  'closeDescriptor',
  'createDescriptors',
  'createFieldBounds',
  'deviceOf',
  'difference',
  'encode',
  'errorCode',
  'failureOf',
  'find',
  'findNamed',
  'forEachLine',
  'hugetlbSizes',
  'isUnlimited',
  'nanocores',
  'openKernelFile',
  'openProcess',
  'parseCount',
  'parseDevice',
  'parseDeviceNumber',
  'parseHex',
  'parseHundredths',
  'readWhole',
  'scale',
  'sectionsOf',
  'startsWith',
  'subtractFloorZero',
  'sum',
  'text',
];
