import { expect, test } from 'vitest';
import { parseMountinfo } from '../../../src/host/mountinfo.ts';
import { parseText } from './parse-text.ts';
import { mountinfo } from './texts.ts';

test('optional fields, octal escapes, a comma in an option, an empty source', () => {
  expect(parseText(parseMountinfo, mountinfo)).toEqual({
    value: [
      {
        device: '0:21',
        root: '/',
        mountPoint: '/proc',
        options: ['rw', 'nosuid', 'nodev', 'noexec', 'relatime'],
        type: 'proc',
        source: 'proc',
        superOptions: ['rw'],
      },
      {
        device: '0:30',
        root: '/',
        mountPoint: '/sys/fs/cgroup/unified',
        options: ['rw', 'nosuid'],
        type: 'cgroup2',
        source: 'cgroup2',
        superOptions: ['rw', 'nsdelegate'],
      },
      {
        device: '0:31',
        root: '/kube pods',
        mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
        options: ['rw'],
        type: 'cgroup',
        source: 'cgroup',
        superOptions: ['rw', 'cpu', 'cpuacct'],
      },
      {
        device: '0:77',
        root: '/',
        mountPoint: '/',
        options: ['rw', 'relatime'],
        type: 'overlay',
        source: 'overlay',
        superOptions: ['rw', 'lowerdir=/a\\b:/c', 'upperdir=/var/lib/x,y/diff', 'workdir=/w'],
      },
      { device: '0:78', root: '/', mountPoint: '/tab\there', options: ['ro'], type: 'tmpfs', source: '', superOptions: ['rw'] },
    ],
    malformed: [],
  });
});

test.each([
  '',
  '22 28 0:21 / /proc rw proc proc rw',
  '22 28 0:21 / - proc proc rw',
  '22 28 0:21 / /proc rw -',
  '22 28 0:21 / /proc rw - proc proc',
])('the line %j is reported and costs only itself', (line) => {
  const { value, malformed } = parseText(parseMountinfo, `${line}\n${mountinfo}`);
  expect([value.length, malformed]).toEqual([5, [line]]);
});
