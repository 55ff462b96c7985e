import { z } from 'zod';
import { ACTIVATION_FUNCTIONS } from '../graph/op.ts';

/** Fields that several families share. */

export const kernelField = z.literal([1, 3, 5, 7]);

export const activationField = z.literal(['linear', ...ACTIVATION_FUNCTIONS]);
