import { configDefaults, defineConfig } from 'vitest/config';

const { CI, NAS_TEST_PHONES, NAS_TEST_NO_PHONES } = process.env;
/** In CI, where a skipped test is a failed one, `npm run test:devices` runs these by themselves. */
const elsewhere = CI && !NAS_TEST_PHONES && !NAS_TEST_NO_PHONES ? ['**/*.phones.test.ts'] : [];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...elsewhere],
    globalSetup: './test/shared-folder.ts',
    reporters: ['default', './test/reporter.ts'],
    // For a hang, not for slowness: on a busy machine the program takes minutes where it usually takes seconds.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Two at once: some tests train networks or measure kernels, and the smallest machine has two cores.
    maxWorkers: 2,
  },
});
