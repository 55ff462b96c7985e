import type { NodeId } from '../../graph/graph.ts';
import type { Pointer, Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

/** Where a layer writes the gradient of one of its inputs. */
export interface GradientTarget {
  readonly pointer: Pointer;
  /** Whether to add to what is there rather than overwrite it; only for those who said they can. */
  readonly accumulate: boolean;
  /** To be called after each write: adds up what several readers of the input wrote. */
  readonly settle: () => void;
}

interface Buffer {
  readonly pointer: Pointer;
  readonly floats: number;
  /** Nodes whose gradient this is. A sum's inputs share the gradient of the sum. */
  owners: number;
}

/**
 * Allots memory to gradients while layers are planned from the last to the first. A buffer is free again as
 * soon as the layer that made the node has been planned, so gradients live in a few buffers that stay in cache.
 */
export class GradientPlan {
  readonly #runtime: Runtime;
  readonly #tensors: readonly Tensor[];
  readonly #wanted: readonly boolean[];
  readonly #buffers = new Map<NodeId, Buffer>();
  #free: Buffer[] = [];
  /** Disowned by the layer being planned, which may still read them. */
  #leaving: Buffer[] = [];

  constructor(runtime: Runtime, tensors: readonly Tensor[], wanted: readonly boolean[]) {
    this.#runtime = runtime;
    this.#tensors = tensors;
    this.#wanted = wanted;
  }

  /** Whether anything before the node learns from its gradient. */
  wants(node: NodeId): boolean {
    return this.#wanted[node] ?? false;
  }

  /** The gradient of a node all of whose readers have been planned; undefined if it had none. */
  of(node: NodeId): Pointer | undefined {
    return this.#buffers.get(node)?.pointer;
  }

  /** A buffer for the gradient of the network's output, which the loss writes. */
  start(output: NodeId): Pointer {
    const buffer = this.#take(this.#floatsOf(output));
    this.#buffers.set(output, buffer);
    return buffer.pointer;
  }

  /**
   * Where to write the gradient of `input`. `inPlaceOf`: the layer may overwrite the gradient of that output,
   * of the same size, as it reads it. `canAccumulate`: the layer can add to what is there.
   */
  target(
    input: NodeId,
    { inPlaceOf, canAccumulate = false }: { inPlaceOf?: NodeId; canAccumulate?: boolean } = {},
  ): GradientTarget {
    const floats = this.#floatsOf(input);
    const { add } = this.#runtime.kernels;
    const present = this.#buffers.get(input);
    if (present?.owners === 1 && canAccumulate) {
      return { pointer: present.pointer, accumulate: true, settle: () => undefined };
    }
    const reused = inPlaceOf === undefined ? undefined : this.#buffers.get(inPlaceOf);
    const buffer = reused?.owners === 1 ? reused : this.#take(floats);
    if (buffer === reused) buffer.owners += 1;
    const { pointer } = buffer;
    if (present === undefined) {
      this.#buffers.set(input, buffer);
      return { pointer, accumulate: false, settle: () => undefined };
    }
    const sum = this.#replaceBySum(input, present, buffer);
    return { pointer, accumulate: false, settle: () => add(floats, present.pointer, pointer, sum) };
  }

  /** Adds the gradient of `output` itself to that of `input`; without work where it is the first. */
  pass(output: NodeId, input: NodeId): () => void {
    const source = this.#buffers.get(output);
    if (source === undefined) throw new RangeError(`node ${output} has no gradient to pass`);
    const present = this.#buffers.get(input);
    source.owners += 1;
    if (present === undefined) {
      this.#buffers.set(input, source);
      return () => undefined;
    }
    const floats = this.#floatsOf(input);
    const sum = this.#replaceBySum(input, present, source);
    return () => this.#runtime.kernels.add(floats, present.pointer, source.pointer, sum);
  }

  /** Says that the layer that made `node` has been planned: nothing reads its gradient later. */
  release(node: NodeId): void {
    const buffer = this.#buffers.get(node);
    this.#buffers.delete(node);
    if (buffer !== undefined) this.#disown(buffer);
    this.#free.push(...this.#leaving.splice(0));
  }

  /** The buffer for present + added as the gradient of `input`: one of the two, if nobody else owns it. */
  #replaceBySum(input: NodeId, present: Buffer, added: Buffer): Pointer {
    const sum =
      present.owners === 1 ? present : added.owners === 1 ? added : this.#take(this.#floatsOf(input));
    this.#buffers.set(input, sum);
    if (sum !== present) this.#disown(present);
    if (sum !== added) this.#disown(added);
    return sum.pointer;
  }

  #floatsOf(node: NodeId): number {
    return this.#tensors[node]?.floats ?? 0;
  }

  #take(floats: number): Buffer {
    const fitting = this.#free.filter((buffer) => buffer.floats >= floats);
    fitting.sort((a, b) => a.floats - b.floats);
    const [smallest] = fitting;
    if (smallest === undefined) return { pointer: this.#runtime.allocate(floats), floats, owners: 1 };
    this.#free = this.#free.filter((buffer) => buffer !== smallest);
    smallest.owners = 1;
    return smallest;
  }

  #disown(buffer: Buffer): void {
    buffer.owners -= 1;
    if (buffer.owners === 0) this.#leaving.push(buffer);
  }
}
