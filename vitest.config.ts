import { defineConfig } from 'vitest/config';

/** One project a kind of test: `unit` and `golden` need no server, `integration` real ones, `node` a kernel of its own. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'golden', include: ['test/golden/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'node', include: ['test/node/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 1_800_000, fileParallelism: false } },
    ],
  },
});
