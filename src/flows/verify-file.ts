import { NasError } from '../base/errors.ts';
import type { Device, NetworkLatency } from '../devices/device.ts';
import type { Graph } from '../graph/graph.ts';

/** An exported file, and the network of which it holds the weights. */
export interface ExportedModel {
  /** As the file has it: the size in which it was trained. */
  readonly graph: Graph;
  /** Of a .tflite file. */
  readonly content: Uint8Array;
  readonly path: string;
  /** Whether the file computes with integers of 8 bits. */
  readonly int8: boolean;
  /** As it is deployed, which is what a target is for; the same graph where the file is of that size. */
  readonly deployed: Graph;
}

/** What ran for a latency: the file itself, or the graph that it was written from, with weights of the runtime's own. */
export type Ran = 'file' | 'graph';

export interface MeasuredLatency extends NetworkLatency {
  readonly ran: Ran;
}

export interface FileLatencies {
  /** Of the network as deployed. */
  readonly deployed: MeasuredLatency;
  /** Of the file, where it is of another size. */
  readonly file: MeasuredLatency | undefined;
}

/** Whether a file has the size in which its network is deployed. */
function isDeployedSize({ graph, deployed }: Pick<ExportedModel, 'graph' | 'deployed'>): boolean {
  return JSON.stringify(graph) === JSON.stringify(deployed);
}

/** Measures an exported file as a whole on a device, beside the network as deployed where that is of another size. */
export async function measureFile(
  model: ExportedModel,
  device: Pick<Device, 'measureNetworks' | 'takesModels' | 'provenance'>,
  signal: AbortSignal,
): Promise<FileLatencies> {
  const { graph, content, deployed } = model;
  checkDataType(model, device);
  const same = isDeployedSize({ graph, deployed });
  const networks = [
    { name: 'file', graph, model: content },
    ...(same ? [] : [{ name: 'deployed', graph: deployed }]),
  ];
  const measured = new Map<string, NetworkLatency>();
  for await (const { name, ...latency } of device.measureNetworks(networks, { signal })) {
    measured.set(name, latency);
  }
  const latencyOf = (name: string, ran: Ran): MeasuredLatency => {
    const latency = measured.get(name);
    if (latency !== undefined) return { ...latency, ran };
    throw new NasError(device.provenance.device, {
      found: `no answer to the ${name === 'file' ? 'exported file' : 'deployed network'}`,
      expected: 'its latency',
    });
  };
  const file = latencyOf('file', device.takesModels === true ? 'file' : 'graph');
  return same ? { deployed: file, file: undefined } : { deployed: latencyOf('deployed', 'graph'), file };
}

/** A device that runs the graph that a file was written from runs that in its own data type. */
function checkDataType(
  { path, int8 }: ExportedModel,
  { takesModels, provenance: { dtype } }: Pick<Device, 'takesModels' | 'provenance'>,
): void {
  if (takesModels === true || int8 === (dtype === 'int8')) return;
  throw new NasError(path, {
    found: int8 ? 'integers of 8 bits' : 'no integers of 8 bits',
    expected: `a file of ${dtype}, which is what the device is to run`,
    next: int8 ? 'add --dtype int8' : 'leave --dtype int8 away',
  });
}

/** Whether what was measured meets a target: as deployed, and the file where that is another size. */
export function meetsTarget({ deployed, file }: FileLatencies, targetMs: number): boolean {
  return deployed.medianMs <= targetMs && (file === undefined || file.medianMs <= targetMs);
}
