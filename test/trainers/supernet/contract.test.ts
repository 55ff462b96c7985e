import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { trainSupernetInPytorch } from '../../../src/trainers/supernet/train-in-pytorch.ts';
import { trainSupernetInWorker } from '../../../src/trainers/supernet/train-supernet.ts';
import { HAS_TORCH, PYTHON } from '../pytorch/python.ts';
import { TOY_DATASET } from '../toy-dataset.ts';
import { supernetContract } from './contract.ts';

const datasetsFolder = mkdtempSync(join(tmpdir(), 'nas-supernet-datasets-'));
afterAll(() => rmSync(datasetsFolder, { recursive: true, force: true }));

supernetContract('the embedded trainer', (task, onReport, signal) =>
  trainSupernetInWorker(TOY_DATASET, task, onReport, signal),
);

supernetContract(
  `PyTorch (${PYTHON})`,
  (task, onReport, signal) =>
    trainSupernetInPytorch(
      TOY_DATASET,
      task,
      { python: PYTHON, device: 'cpu', datasetsFolder },
      onReport,
      signal,
    ),
  !HAS_TORCH,
);
