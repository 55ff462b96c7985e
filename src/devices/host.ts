import os from 'node:os';

export interface Host {
  readonly processor: string;
  readonly operatingSystem: string;
}

/** The machine that this process runs on, in the words of its operating system. */
export function describeHost(): Host {
  return {
    processor: os.cpus()[0]?.model.trim() || `unknown ${os.arch()} processor`,
    operatingSystem: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** A processor's name as the name of a folder: `AMD EPYC Processor` to `amd-epyc-processor`. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/\((r|tm|c)\)/g, ' ')
    .replaceAll(/@.*$/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}
