import { spawnSync } from 'node:child_process';

/** The Python that tests train with: Debian's, which CI installs PyTorch for, unless told. */
export const PYTHON = process.env.NAS_TEST_PYTHON ?? '/usr/bin/python3';

const LOOK_FOR_TORCH = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';

/** Whether it has PyTorch; without, tests of it are skipped by name. */
export const HAS_TORCH = spawnSync(PYTHON, ['-c', LOOK_FOR_TORCH]).status === 0;
