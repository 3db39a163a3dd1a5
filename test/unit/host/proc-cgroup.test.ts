import { expect, test } from 'vitest';
import { parseProcCgroup } from '../../../src/host/proc-cgroup.ts';
import { parseText } from './parse-text.ts';
import { procCgroup } from './texts.ts';

test('controllers, and a path with its colons, spaces and way up', () => {
  expect(parseText(parseProcCgroup, `${procCgroup}1:a:/gone (deleted)\n`)).toEqual({
    value: [
      { hierarchy: 9, controllers: ['name=systemd'], path: '/' },
      { hierarchy: 8, controllers: ['pids'], path: '/kubepods/burstable/pod1f2e/abc' },
      {
        hierarchy: 3,
        controllers: ['cpu', 'cpuacct'],
        path: '/system.slice/containerd.service/kubepods-pod1_2.slice:cri-containerd:abc',
      },
      { hierarchy: 0, controllers: [], path: '/../../kubepods.slice/cri-containerd-abc.scope' },
      { hierarchy: 1, controllers: ['a'], path: '/gone (deleted)' },
    ],
    malformed: [],
  });
});

test.each(['', '0:', '0::', '0:/', ':cpu:/', 'x:cpu:/', '-1:cpu:/', '1:cpu', '1:cpu:relative', '18446744073709551615::/'])(
  'the line %j is reported and costs only itself',
  (line) => {
    expect(parseText(parseProcCgroup, `${line}\n0::/a\n`)).toEqual({
      value: [{ hierarchy: 0, controllers: [], path: '/a' }],
      malformed: [line],
    });
  },
);
