import { expect, test } from 'vitest';
import { problemOf } from '../../../src/file-systems/walk-problem.ts';

const tree = { key: 'u/log/app', owner: 'u', what: 'log of container app', of: '/var/log/pods/x\ny/app', isLog: true };
const path = String.raw`"/var/log/pods/x\ny/app"`;

test.each([
  ['depth', 'slow', 'its directories are nested deeper than one walk goes'],
  ['hung', 'slow', 'the file system does not answer'],
  ['remote', 'denied', 'it is on a network file system, which is never walked'],
  ['links', 'denied', 'it holds links to files that the runtime keeps elsewhere'],
  ['EIO', 'denied', 'EIO'],
  ['ENOENT', 'gone', 'ENOENT'],
])('%s is the pod’s own, counted as %s', (failure, kind, why) => {
  expect(problemOf(tree, failure)).toEqual({
    kind,
    owner: 'u',
    cause: `walk log of container app ${failure}`,
    message: `The log of container app (${path}) is not measured: ${why}`,
  });
});

test('a right that is wanting is the node’s, the same for all pods', () => {
  expect(problemOf(tree, 'EACCES')).toMatchObject({
    kind: 'denied',
    owner: '',
    cause: 'walk EACCES',
    message: expect.stringContaining('CAP_DAC_READ_SEARCH'),
  });
});

test('a directory of the node’s own is not gone but missing', () => {
  expect(problemOf({ ...tree, owner: '', what: 'directory of logs' }, 'ENOENT')).toMatchObject({
    kind: 'denied',
    message: `The directory of logs (${path}) is not measured: ENOENT: it has to be mounted, or is elsewhere`,
  });
});

test('a container without a writable layer has no problem', () => {
  expect(problemOf({ ...tree, of: 7 }, 'none')).toBeUndefined();
});
