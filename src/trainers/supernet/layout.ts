import { NasError } from '../../base/errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import type { Architecture, BuildOptions } from '../../space/network.ts';
import type { StagePart } from '../../space/parts.ts';
import { reachableStages } from '../../space/reachable.ts';
import type { SearchSpace } from '../../space/search-space.ts';
import { type Start, weightDeviation, zeroScaleNodes } from '../embedded/initialisation.ts';
import {
  isDepthwise,
  type ParameterRole,
  type ParameterSpec,
  parameterSpecs,
} from '../embedded/parameters.ts';
import { sharedName } from './shared-name.ts';

/** A parameter that the networks of a space share: along each axis as long as the longest of them has it. */
export interface SharedParameter {
  readonly name: string;
  readonly role: ParameterRole;
  /** [kh, kw, inputs / groups, outputs], [inputs, outputs] or [channels]. */
  readonly dimensions: readonly number[];
  /** Where its values begin among those of all, in floats. */
  readonly offset: number;
  readonly start: SharedStart;
}

/** How a shared parameter begins. */
export interface SharedStart extends Start {
  /** Whether a convolution begins near one that passes its channels on, as far as there are outputs for them. */
  readonly identity: boolean;
}

/** The learnt parameters of a supernet, one after the other in one array of floats. */
export interface SupernetLayout {
  readonly parameters: ReadonlyMap<string, SharedParameter>;
  readonly floats: number;
}

interface Draft {
  readonly stage: number;
  readonly role: ParameterRole;
  dimensions: readonly number[];
  readonly op: Op;
  readonly isDepthwise: boolean;
  readonly isLogits: boolean;
  zeroScale: boolean;
  identity: boolean;
}

/**
 * The shared parameters of a space's networks at one size. Follows from the parts that they are made of, never from
 * the networks themselves. Running statistics are not shared: each network has its own (see `recalibrate`).
 */
export function supernetLayout(space: SearchSpace, options: BuildOptions): SupernetLayout {
  const drafts = new Map<string, Draft>();
  const seen = new Map<StagePart, Set<string>>();
  const types = new Map<number, Set<string>>();
  for (const { index, stage, part } of reachableStages(space, options)) {
    const at = `${index} ${stage.repeat}`;
    const known = seen.get(part) ?? new Set();
    if (known.has(at)) continue;
    seen.set(part, known.add(at));
    const isLast = index === space.stages.length - 1;
    const place = { stage: index, type: stage.block.type };
    types.set(index, (types.get(index) ?? new Set()).add(stage.block.type));
    const passing = passingConvolutions(part.graph);
    for (const { layer, path, spec } of learntParameters(part.graph)) {
      const node = part.graph.nodes[spec.node];
      if (node === undefined) continue;
      const inputChannels = part.graph.nodes[node.inputs[0] ?? 0]?.shape[2] ?? 0;
      const draft = {
        stage: index,
        role: spec.role,
        dimensions: spec.dimensions,
        op: node.op,
        isDepthwise: node.op.kind === 'convolution' && isDepthwise(node.op, inputChannels),
        isLogits: isLast && spec.node === part.graph.output,
        zeroScale: zeroScaleNodes(part.graph).has(spec.node),
        identity: spec.role === 'weight' && passing.has(spec.node),
      };
      // The part has two layers at most, and the third is the second again.
      const last = layer === 0 ? 0 : stage.repeat - 1;
      for (let again = layer; again <= last; again++) {
        merge(drafts, sharedName({ ...place, layer: again }, path, spec.role, node, inputChannels), draft);
      }
    }
  }
  const parameters = new Map<string, SharedParameter>();
  let floats = 0;
  for (const [name, draft] of [...drafts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { role, dimensions } = draft;
    // Where there is one family its blocks fit together anyhow.
    const identity = draft.identity && (types.get(draft.stage)?.size ?? 0) > 1;
    const start = { ...startOf(draft), identity };
    parameters.set(name, { name, role, dimensions, offset: floats, start });
    floats += dimensions.reduce((product, size) => product * size, 1);
  }
  return { parameters, floats };
}

/** The shared parameter of which each learnt parameter of a network is a slice. */
export function sharedParameters<Spec extends ParameterSpec>(
  layout: SupernetLayout,
  architecture: Architecture,
  graph: Graph,
  specs: readonly Spec[],
): readonly { readonly shared: SharedParameter; readonly own: Spec }[] {
  return specs.filter(isLearnt).map((own) => {
    const node = graph.nodes[own.node];
    const [, stage = 'none', layer = '', path = ''] =
      /^stages\.(\d+)\.(\d+)\.(.+)$/.exec(node?.name ?? '') ?? [];
    const type = architecture.stages[Number(stage)]?.block.type;
    if (node === undefined || type === undefined) {
      throw foreign(`${node?.name ?? own.node} is in no stage of the space`);
    }
    const inputChannels = graph.nodes[node.inputs[0] ?? 0]?.shape[2] ?? 0;
    const place = { stage: Number(stage), layer: Number(layer), type };
    const name = sharedName(place, path, own.role, node, inputChannels);
    const shared = layout.parameters.get(name);
    if (shared === undefined || own.dimensions.some((size, axis) => size > (shared.dimensions[axis] ?? 0))) {
      throw foreign(`${name} of [${own.dimensions}] is larger than any of the space`);
    }
    return { shared, own };
  });
}

function foreign(found: string): NasError {
  return new NasError('supernet', { found, expected: 'a network of the space, at the size of its supernet' });
}

/** Of a stage's graph, with their layer and their node's name within it. */
function learntParameters(graph: Graph): readonly {
  readonly layer: number;
  readonly path: string;
  readonly spec: ParameterSpec;
}[] {
  return parameterSpecs(graph)
    .filter(isLearnt)
    .map((spec) => {
      const { name = '' } = graph.nodes[spec.node] ?? {};
      const dot = name.indexOf('.');
      return { layer: Number(name.slice(0, dot)), path: name.slice(dot + 1), spec };
    });
}

function isLearnt({ role }: ParameterSpec): boolean {
  return role !== 'running-mean' && role !== 'running-variance';
}

/** A scale starts at 0 only where it does in every network: elsewhere the block would let nothing through. */
function merge(drafts: Map<string, Draft>, name: string, draft: Draft): void {
  const before = drafts.get(name);
  if (before === undefined) {
    drafts.set(name, { ...draft });
    return;
  }
  before.dimensions = before.dimensions.map((size, axis) => Math.max(size, draft.dimensions[axis] ?? 0));
  before.zeroScale &&= draft.zeroScale;
  before.identity &&= draft.identity;
}

/**
 * The convolutions of a stage that can begin by passing their channels on: a batch-norm follows them, and no sum of their
 * layer does so for them. Blocks of all families then begin with much the same features (Zagoruyko and Komodakis 2017,
 * DiracNets, arXiv:1706.00388, have the identity beside every convolution).
 */
function passingConvolutions({ nodes }: Graph): ReadonlySet<number> {
  const layerOf = (name: string): string => name.slice(0, name.indexOf('.'));
  const summed = new Set(nodes.flatMap(({ op, name }) => (op.kind === 'add' ? [layerOf(name)] : [])));
  const passing = new Set<number>();
  for (const { op, inputs, name } of nodes) {
    const [input = 0] = inputs;
    const before = nodes[input];
    if (op.kind !== 'batch-norm' || before?.op.kind !== 'convolution' || summed.has(layerOf(name))) continue;
    const inputChannels = nodes[before.inputs[0] ?? 0]?.shape[2] ?? 0;
    if (before.op.groups === 1 || isDepthwise(before.op, inputChannels)) passing.add(input);
  }
  return passing;
}

/** As a network of these dimensions starts. */
function startOf({ op, dimensions, isDepthwise: depthwise, isLogits, zeroScale }: Draft): Start {
  const [first = 1, second = 1, , outputs = 1] = dimensions;
  const largest: Op =
    op.kind === 'convolution'
      ? { ...op, kernel: [first, second], channels: outputs, groups: depthwise ? outputs : op.groups }
      : op;
  return { deviation: weightDeviation(largest, first, isLogits), zeroScale };
}
