import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { createPytorchTrainer } from '../../../src/trainers/pytorch/pytorch.ts';
import { trainerContract } from '../contract.ts';
import { HAS_TORCH, PYTHON } from './python.ts';

const folder = mkdtempSync(join(tmpdir(), 'nas-pytorch-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** While it is there, a worker dies after the next epoch. */
const DOOM = join(folder, 'doom');

// A Python that runs test/trainers/pytorch/doomed.py around the worker; `shift` takes the -B away.
const python = join(folder, 'python');
const doomed = fileURLToPath(new URL('doomed.py', import.meta.url));
writeFileSync(python, `#!/bin/sh\nshift\nexec ${PYTHON} -B '${doomed}' '${DOOM}' "$@"\n`, { mode: 0o755 });

trainerContract(
  `pytorch (${PYTHON})`,
  (dataset, weightsFolder) =>
    createPytorchTrainer({
      ...{ dataset, weightsFolder, python, devices: ['cpu'], workersPerDevice: 2 },
      datasetsFolder: join(folder, 'datasets'),
    }),
  {
    doom(request) {
      writeFileSync(DOOM, '');
      return request;
    },
    exact: true,
    ...(HAS_TORCH ? {} : { skip: `${PYTHON} has no PyTorch` }),
  },
);
