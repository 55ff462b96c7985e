import type { Kernel } from '../graph/fusion.ts';
import type { Graph } from '../graph/graph.ts';
import type { DeviceState } from '../latency/device-state.ts';
import type { KernelLatency, Provenance } from '../latency/table.ts';
import type { Sample } from './measuring/sample.ts';

export interface NetworkLatency {
  readonly medianMs: number;
  /** Median absolute deviation, unscaled. */
  readonly madMs: number;
  /** Tenth and ninetieth percentile. */
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly samples: number;
  readonly rejected: number;
}

/** A network to measure as a whole. */
export interface NamedNetwork {
  /** Of its own among those measured together. */
  readonly name: string;
  readonly graph: Graph;
  /** The .tflite file that the graph was written to; what is measured then, where the runtime takes such files. */
  readonly model?: Uint8Array;
}

export interface MeasureOptions {
  readonly signal?: AbortSignal;
}

export interface MeasureKernelsOptions extends MeasureOptions {
  /** Gets every sample behind the latency that is yielded next, from devices that take their own. */
  readonly onSamples?: ((signature: string, samples: readonly Sample[]) => void) | undefined;
}

/**
 * A machine with a runtime on it: a transport × a runtime × threads.
 * Guarantees: samples during which something else ran on the core never count, and those of a core slower than it
 * has been count only where it stays so; a crash or a time-out of the runtime rejects with a NasError that
 * names the device and what it was doing, leaves no process behind, and what was reported before stands.
 */
export interface Device {
  readonly provenance: Provenance;
  /** Whether the runtime measures .tflite files themselves, not the graphs that they were written from. */
  readonly takesModels?: boolean;
  /** Measures kernels in interleaved rounds and yields each as soon as its samples are complete. */
  measureKernels(kernels: readonly Kernel[], options?: MeasureKernelsOptions): AsyncIterable<KernelLatency>;
  /** Measures a network as a whole, as deployed. */
  measureNetwork(graph: Graph, options?: MeasureOptions): Promise<NetworkLatency>;
  /** The same for several, in interleaved rounds, so that what slows the device for a while meets all alike. */
  measureNetworks(
    networks: readonly NamedNetwork[],
    options?: MeasureOptions,
  ): AsyncIterable<NetworkLatency & { readonly name: string }>;
  /**
   * What a .tflite file makes of images, each as the values of its input; yields the outputs in their order. Left out
   * where the runtime tells no outputs.
   */
  runModel?(
    network: Required<NamedNetwork>,
    images: Iterable<Float32Array>,
    options?: MeasureOptions,
  ): AsyncIterable<Float32Array>;
  /** How it is now; null where it does not tell, or cannot be asked. */
  state(options?: MeasureOptions): Promise<DeviceState | null>;
  close(): Promise<void>;
}
