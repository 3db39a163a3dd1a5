/** The walk on what only a kernel has, and only root may make: overlays, mounts, device nodes, rights. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createWalkSource, walkBounds, walkEntriesPerSecond } from '../../src/file-systems/walk-source.ts';
import type { WalkPod } from '../../src/file-systems/walk-trees.ts';
import { createProblems } from '../../src/problems.ts';

const mebibyte = 1024 * 1024;
const source = resolve(import.meta.dirname, '../../src/file-systems');
const uid = '5f0c1c3e-7a54-4a43-9d0e-2f5d5c0f7a11';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'podgauge-walk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function du(path: string) {
  const ask = (unit: string): number =>
    Number.parseInt(execFileSync('du', ['--summarize', '--one-file-system', unit, path], { encoding: 'utf8' }), 10);
  return { usedBytes: ask('--block-size=1'), inodesUsed: ask('--inodes') };
}

function sourceOf(pod: WalkPod) {
  const warnings: string[] = [];
  const problems = createProblems({
    debug: () => {},
    info: () => {},
    warn: (_, message) => void warnings.push(message),
    error: () => {},
  });
  const walking = createWalkSource({
    // As of pid 1, which a test may have no right to.
    hostRoot: `/proc/${process.pid}/root`,
    procRoot: '/proc',
    directories: { kubelet: directory(), logs: directory() },
    bounds: walkBounds,
    entriesPerSecond: walkEntriesPerSecond,
    period: 60_000,
    problems,
    pods: () => [pod],
    exists: () => true,
    now: () => performance.now(),
    wall: () => Date.now(),
    wait: (_, signal) => new Promise((done) => signal.addEventListener('abort', () => done(), { once: true })),
  });
  onTestFinished(walking.close);
  return { walking, warnings };
}

/** A process whose root is an overlay, as a runtime starts one: a mount namespace of its own, and the overlay for its root. */
async function containerIn(storage: string, script: string): Promise<number> {
  for (const name of ['fs', 'work', 'merged']) mkdirSync(join(storage, name));
  const mount = `mount -t overlay overlay -o "lowerdir=/,upperdir=$1/fs,workdir=$1/work" "$1/merged"`;
  const enter = `cd "$1/merged" && mkdir -p old && pivot_root . old && exec sh -c "$2; echo ready; exec sleep 1000"`;
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', `${mount} && ${enter}`, 'sh', storage, script];
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await vi.waitFor(() => expect(output).toBe('ready\n'), 180_000);
  return child.pid ?? 0;
}

test('the writable layer of a process whose root is an overlay: found by its mounts, walked through the root of the host', async () => {
  const storage = directory();
  const pid = await containerIn(
    storage,
    'mkdir -p /srv/data; yes | head -c 2097152 > /srv/data/sparse; truncate -s 1G /srv/data/sparse; ' +
      'ln /srv/data/sparse /srv/data/again; ln /srv/data/sparse /srv/once-more; rm -f /etc/hostname; sync -f /srv',
  );
  const mountinfo = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  expect(mountinfo).toMatch(/^\d+ \d+ \S+ \/ \/ .* - overlay overlay .*upperdir=/m);

  const { walking, warnings } = sourceOf({ uid, namespace: 'n', name: 'p', containers: [{ name: 'app', pid }] });
  await walking.round(new AbortController().signal);
  const rootfs = walking.report?.pods.get(uid)?.containers[0]?.rootfs;
  expect(rootfs).toMatchObject(du(join(storage, 'fs')));
  expect(rootfs?.usedBytes).toBeGreaterThanOrEqual(2 * mebibyte);
  expect(rootfs?.usedBytes).toBeLessThan(3 * mebibyte);
  expect(warnings).toEqual([]);
});

/** Walks in a process of its own, as one that runs in other surroundings, and returns what it printed. */
function walkApart(
  path: string,
  { before = 'true', under = [] }: { readonly before?: string; readonly under?: readonly string[] } = {},
): unknown {
  const program = `
    import { openSync, readFileSync } from 'node:fs';
    import { answer } from '${source}/walk-request.ts';
    const bounds = ${JSON.stringify(walkBounds)};
    const clock = { now: () => performance.now(), pace: () => {} };
    const before = process.memoryUsage().rss;
    const { size, ...found } = answer({ want: 'tree', of: process.argv[1] }, { hostRoot: '/', procRoot: '/proc', bounds, clock });
    console.log(JSON.stringify({ ...found, grown: process.memoryUsage().rss - before }));
  `;
  const command = `${before} && exec "$@"`;
  const node = [process.execPath, '--input-type=module', '--eval', program, path];
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', command, 'sh', ...under, ...node];
  return JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' }));
}

test('another file system that is mounted in the tree is not in the sum', () => {
  const tree = directory();
  mkdirSync(join(tree, 'mounted'));
  writeFileSync(join(tree, 'file'), new Uint8Array(100_000), { flush: true });
  const { usedBytes } = du(tree);
  const { usedBytes: mountedBytes } = du(join(tree, 'mounted'));
  expect(walkApart(tree)).toMatchObject({ tree: { bytes: usedBytes, inodes: 3 } });
  const before = `mount -t tmpfs none ${tree}/mounted && head -c 5000000 /dev/zero > ${tree}/mounted/big`;
  expect(walkApart(tree, { before })).toMatchObject({ tree: { bytes: usedBytes - mountedBytes, inodes: 2 } });
});

test('device nodes, the whiteouts of an overlay among them, are counted and not opened', () => {
  const tree = directory();
  execFileSync('mknod', [join(tree, 'console'), 'c', '5', '1']);
  execFileSync('mknod', [join(tree, 'disk'), 'b', '8', '0']);
  execFileSync('mknod', [join(tree, 'whiteout'), 'c', '0', '0']);
  linkSync(join(tree, 'whiteout'), join(tree, 'whiteout of another'));
  expect(walkApart(tree)).toMatchObject({ tree: { bytes: du(tree).usedBytes, inodes: 4 } });
});

test('without the right it has no number, with it everything is seen', () => {
  const tree = directory();
  chmodSync(tree, 0o755);
  mkdirSync(join(tree, 'private'));
  writeFileSync(join(tree, 'private/file'), '');
  chmodSync(join(tree, 'private'), 0o700);
  const nobody = ['setpriv', '--reuid', '19610', '--regid', '19610', '--clear-groups'];
  expect(walkApart(tree, { under: nobody })).toMatchObject({ failure: 'EACCES' });
  const capability = ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  expect(walkApart(tree, { under: [...nobody, ...capability] })).toMatchObject({ tree: { inodes: 3 } });
});

test('a source without the right counts its rounds as refused, and says once what it needs', () => {
  const host = directory();
  chmodSync(host, 0o700);
  const program = `
    import { createWalkSource, walkBounds, walkDirectories, walkEntriesPerSecond } from '${source}/walk-source.ts';
    import { createProblems } from '${resolve(source, '../problems.ts')}';
    const warnings = [];
    const walking = createWalkSource({
      hostRoot: '${host}', procRoot: '/proc', directories: walkDirectories, bounds: walkBounds,
      entriesPerSecond: walkEntriesPerSecond, period: 60_000, now: () => performance.now(), wall: () => Date.now(),
      problems: createProblems({ warn: (_, message) => warnings.push(message) }),
      pods: () => [{ uid: 'u', namespace: 'n', name: 'p', containers: [{ name: 'app', pid: process.pid }] }],
      wait: (milliseconds, signal) => new Promise((done) => {
        const timer = setTimeout(done, milliseconds);
        signal.addEventListener('abort', () => done(clearTimeout(timer)));
      }),
    });
    for (let round = 0; round < 3; round += 1) await walking.round(new AbortController().signal);
    walking.close();
    console.log(JSON.stringify({ ...walking.stats, report: walking.report ?? null, warnings }));
  `;
  const args = [
    '--reuid',
    '19610',
    '--regid',
    '19610',
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
  ];
  expect(JSON.parse(execFileSync('setpriv', args, { encoding: 'utf8' }))).toEqual({
    requests: 3,
    failures: 3,
    refused: 3,
    report: null,
    warnings: [expect.stringMatching(/is not measured: EACCES: the walk needs root or CAP_DAC_READ_SEARCH/)],
  });
});

test('in the one file of the bundle the thread has its program with it', () => {
  const own = directory();
  writeFileSync(
    join(own, 'entry.ts'),
    `import { createWalkThread } from '${source}/walk-thread.ts';
    const wait = (_: number, signal: AbortSignal) => new Promise<void>((done) => {
      const timer = setTimeout(done, 60_000);
      signal.addEventListener('abort', () => { clearTimeout(timer); done(); });
    });
    const thread = createWalkThread({ hostRoot: '/', procRoot: '/proc', bounds: ${JSON.stringify(walkBounds)}, entriesPerSecond: 1e6, wait });
    console.log(JSON.stringify(await thread.ask({ want: 'tree', of: process.argv[2] ?? '' })));
    thread.close();`,
  );
  mkdirSync(join(own, 'tree/below'), { recursive: true });
  const bundled = join(own, 'bundle.mjs');
  execFileSync(process.execPath, [resolve(source, '../../scripts/build.ts'), join(own, 'entry.ts'), bundled]);
  const printed = execFileSync(bundled, [join(own, 'tree')], { encoding: 'utf8', cwd: '/' });
  expect(JSON.parse(printed)).toMatchObject({ tree: { inodes: 2 } });
});

test('a directory of 200,000 files ends at the bound, in little memory', () => {
  const tree = directory();
  const before = `mount -t tmpfs none ${tree} && cd ${tree} && seq 200000 | xargs touch`;
  const { grown, ...found } = Object(walkApart(tree, { before }));
  expect(found).toEqual({ failure: 'entries' });
  expect(grown).toBeLessThan(40 * mebibyte);
});

test('a container that swaps directories for links as fast as it can leads it nowhere', async () => {
  const tree = directory();
  const outside = directory();
  for (let file = 0; file < 2_000; file += 1) writeFileSync(join(outside, `f${file}`), '');
  for (let each = 0; each < 20; each += 1) {
    mkdirSync(join(tree, `d${each}/below`), { recursive: true });
    execFileSync('ln', ['-s', outside, join(tree, `l${each}`)]);
  }
  const swap = `
    const { renameSync } = require('node:fs');
    for (;;) for (let n = 0; n < 20; n += 1) for (const way of [['d', 'x'], ['l', 'd'], ['d', 'l'], ['x', 'd']])
      renameSync('${tree}/' + way[0] + n, '${tree}/' + way[1] + n);
  `;
  const child = spawn(process.execPath, ['--eval', swap], { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const program = `
    import { answer } from '${source}/walk-request.ts';
    const place = { hostRoot: '/', procRoot: '/proc', bounds: ${JSON.stringify(walkBounds)}, clock: { now: () => 0, pace: () => {} } };
    const most = { inodes: 0, failures: 0 };
    for (let round = 0; round < 100; round += 1) {
      const found = answer({ want: 'tree', of: '${tree}' }, place);
      if ('failure' in found) most.failures += 1;
      else most.inodes = Math.max(most.inodes, found.tree.inodes);
    }
    console.log(JSON.stringify(most));
  `;
  const walks = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  const most = JSON.parse(walks);
  expect(child.exitCode).toBeNull();
  expect(most.failures).toBe(0);
  // Itself, 20 links, 20 directories with one below each; a directory that is renamed while it is listed may be met twice.
  expect(most.inodes).toBeGreaterThan(1);
  expect(most.inodes).toBeLessThan(200);
});
