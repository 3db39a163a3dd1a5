import { expect, test } from 'vitest';
import { formatEntry, parseArchive } from '../support/archive.ts';

const archive = `=== cgroup/cgroup.procs
1
22
=== cgroup/kubepods/cgroup.procs
=== cgroup/empty/
=== cgroup/cpu -> cpu,cpuacct
=== proc/1/comm
a name with === and -> in it
=== proc/1/net/dev
cut\x20
\\ No newline at end of file
`;

const entries = {
  'sys/fs/cgroup/cgroup.procs': '1\n22\n',
  'sys/fs/cgroup/kubepods/cgroup.procs': '',
  'sys/fs/cgroup/empty/': '',
  'sys/fs/cgroup/cpu': { link: 'cpu,cpuacct' },
  'proc/1/comm': 'a name with === and -> in it\n',
  'proc/1/net/dev': 'cut ',
};

test('reads files, empty files and directories, links, and a last line without a newline', () => {
  expect(parseArchive(archive)).toEqual(entries);
});

test('writes what it reads', () => {
  const written = Object.entries(entries).map(([path, content]) => formatEntry(path.replace(/^sys\/fs\//, ''), content));
  expect(written.join('')).toBe(archive);
});

test.for([
  ['1\n', 'Not the head of a file: "1"'],
  ['=== etc/passwd\n', 'Neither below proc/ nor below cgroup/: etc/passwd'],
  ['=== proc/../etc/passwd\n', 'Neither below proc/ nor below cgroup/: proc/../etc/passwd'],
  ['=== proc/1/comm\na\n=== proc/1/comm\nb\n', 'Twice in the archive: proc/1/comm'],
  ['=== proc/self -> 1\ncontent\n', 'Content where none can be: proc/self'],
] as const)('refuses %j', ([text, message]) => {
  expect(() => parseArchive(text)).toThrow(message);
});
