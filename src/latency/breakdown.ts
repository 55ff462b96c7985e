import { nodeCost } from '../graph/cost.ts';
import { fuse, type KernelCall } from '../graph/fusion.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { calibrated, totalsOf } from './calibration.ts';
import { cutIntoEntries, splitKernels } from './sequence.ts';
import type { LatencyTable } from './table.ts';

/** One step of a network, as the table has it: a kernel, or in an imported table several in a row. */
export interface StepLatency {
  readonly signature: string;
  /** Where it is: the blocks of its kernels, `stages.3.1` for layer 1 of stage 3. */
  readonly blocks: readonly string[];
  /** What it contributes to the estimate of the network; `undefined` where the table lacks it. */
  readonly ms: number | undefined;
  /** Multiply-accumulates. */
  readonly macs: number;
}

/** A block, or several where one step of the table spans them. */
export interface BlockLatency {
  readonly blocks: readonly string[];
  readonly ms: number;
  readonly macs: number;
  /** Steps in it, and how many of them the table lacks. */
  readonly steps: number;
  readonly missing: number;
}

/**
 * Where the milliseconds of a network go, in order of execution. A calibrated estimate is linear in its kernels, so
 * each has its part of it: the parts add up to the estimate, but for kernels whose part would be below nothing.
 */
export function latencySteps(graph: Graph, table: LatencyTable): readonly StepLatency[] {
  const calls = fuse(graph);
  const entries = cutIntoEntries(
    calls.map(({ kernel }) => kernel.signature),
    table,
  );
  let from = 0;
  return entries.map((signature) => {
    const own = calls.slice(from, from + splitKernels(signature).length);
    from += own.length;
    const sumMs = table.kernels.get(signature)?.medianMs;
    return {
      signature,
      blocks: [...new Set(own.map((call) => blockOf(graph, call)))],
      ms: sumMs === undefined ? undefined : calibrated(totalsOf(own, sumMs), table.calibration),
      macs: own.flatMap(({ nodes }) => nodes).reduce((sum, node) => sum + macsOf(graph, node), 0),
    };
  });
}

/** The same, block by block. */
export function latencyBlocks(steps: readonly StepLatency[]): readonly BlockLatency[] {
  const blocks: BlockLatency[] = [];
  for (const { blocks: own, ms, macs } of steps) {
    const last = blocks.at(-1);
    const continues = last?.blocks.includes(own[0] ?? '') === true;
    const before =
      continues && last !== undefined ? last : { blocks: [], ms: 0, macs: 0, steps: 0, missing: 0 };
    if (continues) blocks.pop();
    blocks.push({
      blocks: [...new Set([...before.blocks, ...own])],
      ms: before.ms + (ms ?? 0),
      macs: before.macs + macs,
      steps: before.steps + 1,
      missing: before.missing + (ms === undefined ? 1 : 0),
    });
  }
  return blocks;
}

/** Kernels of one signature, all together. */
export interface KernelKind {
  readonly signature: string;
  readonly count: number;
  readonly ms: number;
  readonly macs: number;
}

/** The kinds of kernels in some steps that the table has, the most time first. */
export function kernelKinds(steps: readonly StepLatency[]): readonly KernelKind[] {
  const kinds = new Map<string, KernelKind>();
  for (const { signature, ms, macs } of steps) {
    if (ms === undefined) continue;
    const before = kinds.get(signature) ?? { signature, count: 0, ms: 0, macs: 0 };
    kinds.set(signature, {
      signature,
      count: before.count + 1,
      ms: before.ms + ms,
      macs: before.macs + macs,
    });
  }
  return [...kinds.values()].sort((a, b) => b.ms - a.ms);
}

/** `stages.3.1` of a node named `stages.3.1.expand.convolution`. */
function blockOf(graph: Graph, { nodes: [first = 0] }: KernelCall): string {
  return (graph.nodes[first]?.name ?? '').split('.').slice(0, 3).join('.');
}

function macsOf(graph: Graph, id: NodeId): number {
  const node = graph.nodes[id];
  return node === undefined ? 0 : nodeCost(graph, node).macs;
}
