import { defineConfig } from 'vitest/config';

/** Where a test is given its servers it starts none, and may be unable to make any. */
const globalSetup =
  process.env['PODGAUGE_TEST_REMOTES'] === undefined ? ['test/servers/install.ts', 'test/support/bundle.ts'] : [];

/** How long what is looked at again and again may take to be so (milliseconds): what hangs is found all the same. */
const expectOptions = { poll: { timeout: 30_000 } };

/**
 * On all processors, and without a process for each file, which took more than half of the time: what they test keeps nothing in modules.
 * A busy machine may take long: what hangs is found all the same.
 */
const fast = { isolate: false, maxWorkers: '100%', testTimeout: 60_000, hookTimeout: 60_000, expect: expectOptions };

/** One file after the other: they share this machine. A hook may wait for a server that is being built. */
const slow = { globalSetup, hookTimeout: 1_800_000, fileParallelism: false, expect: expectOptions };

/**
 * One project a kind of test: `unit` and `golden` need no server, `integration` real ones, `kernel` a kernel of its own besides, `node`
 * a whole Kubernetes node in one. They run one group after the other: what measures a real process is not disturbed by the rest.
 */
export default defineConfig({
  test: {
    // A failure is told whole: a list that should be empty is the very thing that one wants to read.
    chaiConfig: { truncateThreshold: 0 },
    projects: [
      { test: { ...fast, name: 'unit', include: ['test/unit/**/*.test.ts'], sequence: { groupOrder: 0 } } },
      { test: { ...fast, name: 'golden', include: ['test/golden/*.test.ts'], sequence: { groupOrder: 1 } } },
      {
        test: {
          ...slow,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
        },
      },
      {
        test: {
          ...slow,
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          sequence: { groupOrder: 3 },
          testTimeout: 600_000,
        },
      },
      {
        test: {
          ...slow,
          name: 'node',
          include: ['test/node/**/*.test.ts'],
          sequence: { groupOrder: 4 },
          testTimeout: 600_000,
        },
      },
    ],
  },
});
