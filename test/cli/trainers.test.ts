import { describe, expect, test } from 'vitest';
import { HAS_TORCH, PYTHON } from '../trainers/pytorch/python.ts';
import { addMeasuredTables } from './measured-tables.ts';
import { nas, SEARCH, temporaryFolder, temporaryProject } from './nas.ts';

describe('nas trainers', () => {
  test('tells of each trainer whether it is usable, and what to do where it is not', async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout } = await nas(['trainers', '--python', '/no/python', '--json'], folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { trainer: 'embedded', usable: true, devices: [{ device: 'cpu' }] },
      {
        trainer: 'pytorch',
        usable: false,
        missing: expect.stringContaining('/no/python does not start'),
        next: expect.stringContaining('--python'),
      },
    ]);
  });

  test.skipIf(!HAS_TORCH)('tells the versions and devices of PyTorch', async () => {
    const { exitCode, stdout } = await nas(['trainers', '--python', PYTHON], temporaryFolder());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^pytorch +yes +python 3[.\d]+, torch [12]\S+.* +cpu \(\d+ threads of \S+\)/m);
  });
});

describe('nas search --trainer pytorch', () => {
  const refused = async (...options: readonly string[]): Promise<string> => {
    const { exitCode, stderr, stdout } = await nas([...SEARCH, ...options], await temporaryProject());
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    return stderr;
  };

  test.each([
    [['--gpus', '0'], '--gpus: an option of another trainer than embedded'],
    [['--compile'], '--compile: an option of another trainer than embedded'],
    [['--trainer', 'pytorch', '--per-gpu', '2'], '--per-gpu: no GPUs; expected --gpus beside it'],
    [['--trainer', 'pytorch', '--gpus', '0,0'], 'Expected numbers from 0 on'],
    [['--trainer', 'magic'], 'Allowed choices are embedded, pytorch'],
  ])('%s is an error', async (options, message) => {
    expect(await refused(...options)).toContain(message);
  });

  test('a Python that is not there is refused before anything is measured', async () => {
    const stderr = await refused('--trainer', 'pytorch', '--python', '/no/python');
    expect(stderr).toContain('/no/python does not start');
    expect(stderr).toContain('apt install python3-torch');
    expect(stderr).not.toContain('kernels missing');
  });

  test.skipIf(!HAS_TORCH)('finds networks, and goes on with the same trainer', async () => {
    const folder = await temporaryProject();
    await addMeasuredTables(folder);
    const pytorch = ['--trainer', 'pytorch', '--python', PYTHON, '--workers', '1'];
    const begun = await nas([...SEARCH, ...pytorch, '--trials', '3', '--json'], folder);
    expect(begun.stderr).toMatch(/^trainer +PyTorch [12]\S+ of \S+ on cpu /m);
    expect(begun.stderr).not.toContain('failed');
    expect(begun.exitCode).toBe(0);
    const { run, best } = JSON.parse(begun.stdout);
    const resumed = await nas(['search', '--resume', run, '--json'], folder);
    expect(resumed.exitCode).toBe(0);
    expect(JSON.parse(resumed.stdout).best).toMatchObject({ trial: best.trial, accuracy: best.accuracy });
  });
});
