import { z } from 'zod';
import { ACTIVATION_FUNCTIONS } from '../graph/op.ts';

/** Fields that several families share. */

export const kernelField = z.literal([1, 3, 5, 7]);

export const activationField = z.literal(['linear', ...ACTIVATION_FUNCTIONS]);

export type Activation = z.output<typeof activationField>;

/** Of a group convolution; must divide its channels. */
export const groupsField = z.int().positive();

/**
 * What a width multiplier does to a number of channels: scales it and rounds; scales it but never below what the
 * file says (the last layers of MobileNetV2 and V3); or leaves it alone.
 */
export const widthRuleField = z.literal(['scaled', 'never-narrower', 'fixed']).default('scaled');

export type WidthRule = z.output<typeof widthRuleField>;
