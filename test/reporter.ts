import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends a run with what was skipped and why, and with the plain line `N passed, N failed`. In CI, where every
 * system part is installed, a skipped test is a failed one, unless the machine permits no test phones.
 */
class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): readonly TestCase[] =>
      cases.filter((test) => test.result().state === state);
    const skipped = count('skipped');
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    );
    for (const test of skipped) process.stdout.write(`skipped: ${test.fullName} (${reasonOf(test)})\n`);
    const { CI, NAS_TEST_NO_PHONES } = process.env;
    const skipsCount = CI ? skipped.filter((test) => reasonOf(test) !== NAS_TEST_NO_PHONES).length : 0;
    if (skipsCount > 0) process.exitCode = 1;
    process.stdout.write(
      `${count('passed').length} passed, ${count('failed').length + broken.length + skipsCount} failed\n`,
    );
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return 'note' in result && result.note ? result.note : 'no reason given';
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export.
export default ClosingLine;
