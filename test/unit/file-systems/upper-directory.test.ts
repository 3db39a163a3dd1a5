import { isAbsolute, normalize } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upperDirectoryOf } from '../../../src/file-systems/upper-directory.ts';
import { parseMountinfo } from '../../../src/host/mountinfo.ts';
import { parseText } from '../host/parse-text.ts';

const proc = '22 28 0:21 / /proc rw - proc proc rw';

function upperOf(...lines: readonly string[]): string | undefined {
  return upperDirectoryOf(parseText(parseMountinfo, lines.map((line) => `${line}\n`).join('')).value);
}

function overlay(options: string, mountPoint = '/'): string {
  return `68 65 0:40 / ${mountPoint} rw,relatime master:3 - overlay overlay rw,lowerdir=/l1:/l2,${options},uuid=on`;
}

test.each([
  '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/12/fs',
  '/var/lib/docker/overlay2/0f1e/diff',
  '/var/lib/containers/storage/overlay/0f1e/diff',
  String.raw`/var/my\040storage\054and\134more/overlay/0f1e/diff`,
])('the upper directory of the overlay that is the root: %s', (path) => {
  const unescaped = path
    .replace(String.raw`\040`, ' ')
    .replace(String.raw`\054`, ',')
    .replace(String.raw`\134`, '\\');
  expect(upperOf(proc, overlay(`upperdir=${path},workdir=/w`))).toBe(unescaped);
});

test.each([
  ['a root of another kind', proc, '68 65 8:1 / / rw - ext4 /dev/sda1 rw'],
  ['an overlay elsewhere', proc, overlay('upperdir=/x/diff', '/data')],
  ['a read-only overlay', overlay('ro')],
  ['a relative path', overlay('upperdir=l/ABC/diff')],
  ['an empty path', overlay('upperdir=')],
  ['a path that goes up', overlay('upperdir=/var/lib/../../etc/fs')],
  ['a path with empty names', overlay('upperdir=/var//lib/fs')],
  ['the root', overlay('upperdir=/')],
  ['a directory that no runtime makes', overlay('upperdir=/etc')],
  ['no mounts'],
])('%s has none', (_, ...lines) => {
  expect(upperOf(...lines)).toBeUndefined();
});

test('whatever stands there, it is an absolute path without a way up, or nothing', () => {
  const part = fc.constantFrom('/', '..', '.', 'fs', 'diff', ' ', '\0', '\\', 'upperdir=', ',');
  const text = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (path) => {
      const mount = { device: '0:40', root: '/', mountPoint: '/', options: [], type: 'overlay', source: 'overlay' };
      const found = upperDirectoryOf([{ ...mount, superOptions: ['rw', `upperdir=${path}`] }]);
      return found === undefined || (isAbsolute(found) && normalize(found) === found && !found.split('/').includes('..'));
    }),
    { numRuns: 10_000 },
  );
});
