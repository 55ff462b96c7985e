import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Two at once: some tests train networks or measure kernels, and the smallest machine has two cores.
    maxWorkers: 2,
  },
});
