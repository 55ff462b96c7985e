import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, NasError } from '../../../base/errors.ts';
import { RunnerLost } from '../../runner-client.ts';
import type { Transport } from '../../transports/transport.ts';
import type { TfliteModel } from '../litert/tflite/model.ts';
import { serializeTflite } from '../litert/tflite/serialize.ts';

/** A model as a file, on both sides where the device is another machine. */
export interface ModelFile {
  readonly here: string;
  /** On the device. */
  readonly there: string;
}

/** The models of a measurement, kept on the device only for as long as they are measured. */
export interface ModelFiles {
  /** A model, or what a file of one holds. */
  put(model: TfliteModel | Uint8Array): Promise<ModelFile>;
  /** Sees that the device still has it. */
  putAgain(file: ModelFile): Promise<void>;
  /** What cannot be removed now, the device being lost, is when `close` comes. */
  remove(files: readonly ModelFile[]): Promise<void>;
  /** Removes all that are left. */
  close(): Promise<void>;
}

/** A device that is lost is not waited for to tidy it up. */
const TIDY_MS = 10_000;

export function createModelFiles(device: string, transport: Pick<Transport, 'push' | 'run'>): ModelFiles {
  const left = new Set<ModelFile>();
  let folder: string | undefined;
  let count = 0;

  const push = async (here: string): Promise<string> => {
    try {
      return await transport.push(here);
    } catch (thrown) {
      if (!(thrown instanceof NasError)) throw thrown;
      // Most likely the cable; if not, it fails again.
      throw new RunnerLost(`${device}: a model for it`, {
        found: messageOf(thrown),
        ...(thrown.next === undefined ? {} : { next: thrown.next }),
        cause: thrown,
      });
    }
  };

  const remove = async (files: readonly ModelFile[]): Promise<void> => {
    if (files.length === 0) return;
    try {
      const signal = AbortSignal.timeout(TIDY_MS);
      await transport.run(['rm', '-f', ...files.map(({ there }) => there)], { signal });
      for (const file of files) {
        await rm(file.here, { force: true });
        left.delete(file);
      }
    } catch {
      // They are in `left`.
    }
  };

  return {
    async put(model) {
      folder ??= await mkdtemp(join(tmpdir(), 'nas-tflite-'));
      const here = join(folder, `${++count}.tflite`);
      await writeFile(here, model instanceof Uint8Array ? model : serializeTflite(model));
      const file = { here, there: await push(here) };
      left.add(file);
      return file;
    },
    async putAgain({ here }) {
      await push(here);
    },
    remove,
    async close() {
      await remove([...left]);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
