import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { errorCode } from '../../../src/host/failures.ts';
import { duOf, scene, walkOf } from './walk-scene.ts';

const mebibyte = 1024 * 1024;
/** What the file system takes for an empty directory, which differs. */
const emptyDirectoryBytes = ((): number => {
  using place = scene();
  return duOf(place.path).bytes;
})();

const name = fc.oneof(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.constantFrom('ö', '-r', 'a b', 'line\nfeed', '…'.repeat(80), '*', '"'),
);
const place = fc.array(name, { minLength: 1, maxLength: 4 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('directory'), at: place }),
  fc.record({ kind: fc.constant('file'), at: place, size: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ kind: fc.constant('sparse'), at: place, size: fc.integer({ min: 0, max: 10_000_000 }) }),
  fc.record({ kind: fc.constant('link'), at: place, to: fc.nat(50) }),
  fc.record({
    kind: fc.constant('symlink'),
    at: place,
    target: fc.constantFrom('/', '.', '..', '/etc/passwd', 'a', 'nowhere'),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Steps that cannot be made, for what is in their way, are left out, and those that would lead out of the tree. */
function make(root: string, steps: readonly Step[]): void {
  const files: string[] = [];
  for (const each of steps) {
    const path = join(root, ...each.at);
    const above = each.at.slice(1).map((_, i) => join(root, ...each.at.slice(0, i + 1)));
    try {
      if (above.some((one) => lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink() === true)) continue;
      mkdirSync(each.kind === 'directory' ? path : join(path, '..'), { recursive: true });
      if (each.kind === 'symlink' && 'target' in each) symlinkSync(each.target, path);
      if (each.kind === 'link' && 'to' in each && files.length > 0) linkSync(files[each.to % files.length] ?? '', path);
      if (!('size' in each)) continue;
      const file = openSync(path, 'wx');
      if (each.kind === 'sparse') ftruncateSync(file, each.size);
      else writeSync(file, new Uint8Array(each.size));
      closeSync(file);
      files.push(path);
    } catch (error) {
      errorCode(error);
    }
  }
}

test('on trees of files, holes, hard links and symbolic links of any name it says what du says', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      using own = scene();
      make(own.path, steps);
      expect(walkOf(own.path)).toMatchObject(duOf(own.path));
    }),
    { numRuns: 60 },
  );
});

test('a file of 1 GiB with 2 MiB of blocks, linked twice, is 2 MiB', () => {
  using own = scene();
  const file = join(own.path, 'sparse');
  writeFileSync(file, new Uint8Array(2 * mebibyte).fill(1), { flush: true });
  truncateSync(file, 1024 * mebibyte);
  mkdirSync(join(own.path, 'other'));
  linkSync(file, join(own.path, 'other/again'));
  linkSync(file, join(own.path, 'once more'));
  expect(walkOf(own.path)).toEqual({ bytes: 2 * mebibyte + 2 * emptyDirectoryBytes, inodes: 3, symbolicLinks: 0 });
});

test('what is no file is counted and not opened: FIFO, socket, links into a circle and out of the tree', async () => {
  using own = scene();
  using outside = scene();
  writeFileSync(join(outside.path, 'big'), new Uint8Array(mebibyte));
  execFileSync('mkfifo', [join(own.path, 'fifo')]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(own.path, 'socket'), resolve));
  symlinkSync('.', join(own.path, 'itself'));
  symlinkSync('two', join(own.path, 'one'));
  symlinkSync('one', join(own.path, 'two'));
  symlinkSync(outside.path, join(own.path, 'out'));
  symlinkSync(join(outside.path, 'big'), join(own.path, 'to a file'));
  const found = walkOf(own.path);
  server.close();
  expect(found).toEqual({ bytes: emptyDirectoryBytes, inodes: 8, symbolicLinks: 5 });
});

test('a name that is not UTF-8 is the name of its file all the same', () => {
  using own = scene();
  const directory = Buffer.concat([Buffer.from(`${own.path}/`), Buffer.from([0xff, 0xc3, 0x28])]);
  mkdirSync(directory);
  writeFileSync(Buffer.concat([directory, Buffer.from('/'), Buffer.from([0xfe])]), new Uint8Array(100_000), { flush: true });
  expect(walkOf(own.path)).toMatchObject({ ...duOf(own.path), inodes: 3 });
});

/** Ten directories of 70 files each, so that the first rest comes when one of them has been entered. */
function makeTen(root: string): void {
  for (let directory = 0; directory < 10; directory += 1) {
    mkdirSync(join(root, `d${directory}`));
    for (let file = 0; file < 70; file += 1) writeFileSync(join(root, `d${directory}/f${file}`), '');
  }
}

test('directories that are swapped for links out of the tree while it walks are not entered', () => {
  using own = scene();
  using outside = scene();
  const tree = join(own.path, 'tree');
  mkdirSync(tree);
  makeTen(tree);
  for (let file = 0; file < 500; file += 1) writeFileSync(join(outside.path, `f${file}`), '');
  let swapped = 0;
  const found = walkOf(
    tree,
    {},
    {
      pace() {
        if (swapped > 0) return;
        for (const directory of readdirSync(tree)) {
          renameSync(join(tree, directory), join(own.path, directory));
          symlinkSync(outside.path, join(tree, directory));
          swapped += 1;
        }
      },
    },
  );
  expect(swapped).toBe(10);
  // Itself, and the one directory that it was in: it is read to its end, wherever it is now.
  expect(found).toMatchObject({ inodes: 1 + 1 + 70, symbolicLinks: 0 });
});

test('what is removed while it walks is left out', () => {
  using own = scene();
  makeTen(own.path);
  const found = walkOf(
    own.path,
    {},
    {
      pace: () => {
        for (const directory of readdirSync(own.path)) rmSync(join(own.path, directory), { recursive: true });
      },
    },
  );
  expect(found).toHaveProperty('inodes');
  expect(walkOf(own.path)).toEqual({ bytes: emptyDirectoryBytes, inodes: 1, symbolicLinks: 0 });
});

const ten = scene();
makeTen(ten.path);
afterAll(ten[Symbol.dispose]);

test.each([
  ['entries', { entries: 710 }, { entries: 711 }],
  ['depth', { depth: 1 }, { depth: 2 }],
  ['waitingBytes', { waitingBytes: 19 }, { waitingBytes: 20 }],
])('beyond the bound of %s there is no number', (bound, tooFew, enough) => {
  expect(walkOf(ten.path, tooFew)).toEqual({ failure: bound });
  expect(walkOf(ten.path, enough)).toMatchObject({ inodes: 711 });
});

test('beyond the bound of hard links there is no number; files of one name need no memory', () => {
  using own = scene();
  makeTen(own.path);
  for (let file = 0; file < 10; file += 1) linkSync(join(own.path, `d0/f${file}`), join(own.path, `d1/again${file}`));
  expect(walkOf(own.path, { hardLinks: 9 })).toEqual({ failure: 'hardLinks' });
  expect(walkOf(own.path, { hardLinks: 10 })).toMatchObject({ inodes: 711 });
});

test('after its time there is no number', () => {
  let time = 0;
  const clock = { now: () => time, pace: () => void (time += 10) };
  expect(walkOf(ten.path, { milliseconds: 30 }, clock)).toEqual({ failure: 'milliseconds' });
});

test('it says of all entries how many they are, so that they can be paced', () => {
  let paced = 0;
  walkOf(ten.path, {}, { pace: (entries) => void (paced += entries) });
  expect(paced).toBe(711);
});

test('directories nested beyond the longest path are walked, or refused by their depth', () => {
  using own = scene();
  const levels = 1_000;
  const flags = constants.O_RDONLY | constants.O_DIRECTORY;
  let directory = openSync(own.path, flags);
  for (let level = 0; level < levels; level += 1) {
    const below = `/proc/self/fd/${directory}/${'n'.repeat(40)}`;
    mkdirSync(below);
    const next = openSync(below, flags);
    closeSync(directory);
    directory = next;
  }
  closeSync(directory);
  expect(walkOf(own.path)).toMatchObject({ inodes: levels + 1 });
  expect(walkOf(own.path, { depth: 64 })).toEqual({ failure: 'depth' });
});

test('it leaves no descriptor open, however it ends', () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  for (const bounds of [{}, { entries: 300 }, { depth: 1 }, { waitingBytes: 5 }]) walkOf(ten.path, bounds);
  expect(open()).toBe(before);
});
