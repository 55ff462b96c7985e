import { z } from 'zod';
import type { Place } from '../blocks/block.ts';
import { widthRuleField } from '../blocks/fields.ts';
import { blockSchema, lowerBlock } from '../blocks/index.ts';
import { type Graph, GraphBuilder, type NodeId } from '../graph/graph.ts';
import type { Shape } from '../graph/op.ts';
import { roundChannels } from '../graph/round-channels.ts';
import { narrowGraph } from './widths/layer-fractions.ts';

export const stageSchema = z.strictObject({
  comment: z.string().optional().describe('Why the stage is as it is; ignored.'),
  block: blockSchema.describe('What each layer of the stage is.'),
  channels: z
    .number()
    .positive()
    .optional()
    .describe('Output channels at width 1; those of the input where left out.'),
  channelsAt: z
    .record(z.string().regex(/^\d+(\.\d+)?$/), z.int().positive())
    .default({})
    .describe('Channels that a paper prints for some width multipliers; at any other, `channels` is scaled.'),
  width: widthRuleField,
  stride: z.literal([1, 2]).default(1).describe('Spatial reduction of the first layer.'),
  repeat: z.int().min(0).max(64).default(1).describe('Layers of the same block; 0 leaves the stage out.'),
});

/** A network as its file writes it: stages of repeated blocks. */
export const networkSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  family: z.string(),
  paper: z.string().describe('Authors, title and where to find it.'),
  publishedTop1: z
    .number()
    .optional()
    .describe('Top-1 accuracy on ImageNet that the paper prints, in percent.'),
  resolution: z.int().positive().describe('Rows and columns of the input.'),
  classes: z.int().min(2),
  divisor: z
    .int()
    .positive()
    .default(8)
    .describe('Scaled channels are rounded to a multiple of this, never losing a tenth; 1 rounds down.'),
  narrowed: z
    .record(z.string(), z.number().positive().max(1))
    .optional()
    .describe(
      'Of layers that nas adapt has made narrower, by name, the part of their channels that is left.',
    ),
  stages: z.array(stageSchema).min(1),
});

export const headSchema = networkSchema.omit({ stages: true });

/** All of a network but its stages. */
export type Head = z.output<typeof headSchema>;

/** A network without free choices, as parsed. Its sizes are those of width 1. */
export type Architecture = z.output<typeof networkSchema>;
export type Stage = z.output<typeof stageSchema>;

/** How large to build an architecture. What is left out is as the architecture says. */
export interface BuildOptions {
  /** α of MobileNet: multiplies every number of channels. */
  readonly width?: number | undefined;
  /** Rows and columns of the input. */
  readonly resolution?: number | undefined;
  readonly classes?: number | undefined;
  readonly inputChannels?: number | undefined;
  readonly divisor?: number | undefined;
  /** This many of the strides of 2, the earliest, become 1. */
  readonly dropEarlyStrides?: number | undefined;
}

/** What the stages of a network share while they are lowered. */
export interface Lowering {
  readonly round: (channels: number) => number;
  readonly scale: Place['scale'];
  /** Output channels of a stage that says how many it has. */
  readonly channelsOf: (stage: Stage, asked: number) => number;
  readonly classes: number;
  readonly dropEarlyStrides: number;
}

export function loweringOf({ classes, divisor }: Head, options: BuildOptions = {}): Lowering {
  const { width = 1, dropEarlyStrides = 0 } = options;
  const round = (channels: number): number => roundChannels(channels, options.divisor ?? divisor);
  const scale: Place['scale'] = (channels, rule = 'scaled') => {
    if (width === 1 || rule === 'fixed') return channels;
    const scaled = round(channels * width);
    return rule === 'never-narrower' ? Math.max(scaled, channels) : scaled;
  };
  return {
    round,
    scale,
    channelsOf: (stage, asked) => stage.channelsAt[width] ?? scale(asked, stage.width),
    classes: options.classes ?? classes,
    dropEarlyStrides,
  };
}

/** [height, width, channels] of what a network is fed. */
export function inputShape(
  { resolution }: Pick<Architecture, 'resolution'>,
  options: BuildOptions = {},
): Shape {
  const pixels = options.resolution ?? resolution;
  return [pixels, pixels, options.inputChannels ?? 3];
}

/** How many strides of 2 a stage has, one or none. */
export function stridesOf(stage: Stage): number {
  return stage.stride > 1 && stage.repeat > 0 ? 1 : 0;
}

/**
 * Adds the layers of one stage; the nodes of layer i are named `<i>.…`. `stridesBefore` is the number of strides of
 * 2 in the stages before it.
 */
export function lowerStage(
  builder: GraphBuilder,
  input: NodeId,
  stage: Stage,
  lowering: Lowering,
  stridesBefore: number,
): NodeId {
  const { round, scale, channelsOf, classes, dropEarlyStrides } = lowering;
  let node = input;
  for (let layer = 0; layer < stage.repeat; layer++) {
    const { channels: asked } = stage;
    const channels = asked === undefined ? builder.channelsOf(node) : channelsOf(stage, asked);
    const stride = layer === 0 && stridesBefore >= dropEarlyStrides ? stage.stride : 1;
    node = builder.within(String(layer), () =>
      lowerBlock(builder, node, stage.block, { channels, stride, classes, round, scale }),
    );
  }
  return node;
}

/** Lowers an architecture to ops, at its widths or narrower where it says so. Node names are `stages.<stage>.<layer>.…`. */
export function buildGraph(architecture: Architecture, options: BuildOptions = {}): Graph {
  const lowering = loweringOf(architecture, options);
  const builder = new GraphBuilder();
  let node = builder.input(inputShape(architecture, options));
  let strides = 0;
  architecture.stages.forEach((stage, index) => {
    node = builder.within(`stages.${index}`, () => lowerStage(builder, node, stage, lowering, strides));
    strides += stridesOf(stage);
  });
  return narrowGraph(builder.build(node), architecture.narrowed ?? {});
}
