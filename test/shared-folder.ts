import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of one run of the tests: what they have in common, such as tables that were measured. */
    readonly sharedFolder: string;
  }
}

let folder: string;

export function setup({ provide }: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'nas-tests-'));
  provide('sharedFolder', folder);
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
