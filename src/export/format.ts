import type { TrainedNetwork } from './trained-network.ts';

/** A file of an exported network; its name is `<stem><suffix>`. */
export interface ExportedFile {
  readonly suffix: string;
  readonly content: string | Uint8Array;
}

/** One way to write a trained network down for others. */
export interface ExportFormat {
  /** For the help: what the files are for. */
  readonly about: string;
  /** Of the first file. */
  readonly suffix: string;
  /** Where images go: [batch, height, width, channels] or [batch, channels, height, width]. */
  readonly layout: 'NHWC' | 'NCHW';
  /** The stem where the user gives no name. */
  stemOf(network: string): string;
  /** The files; `stem` is for those that name each other. */
  write(network: TrainedNetwork, stem: string): readonly ExportedFile[];
}

/** `r1/17` to `r1-17`: a stem for most. */
export function plainStem(network: string): string {
  return network.replaceAll(/[^\w.-]+/g, '-');
}
