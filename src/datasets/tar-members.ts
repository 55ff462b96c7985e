import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Header, Pax } from 'tar';
import { messageOf, NasError } from '../base/errors.ts';

/** A file in an archive. */
export interface TarMember {
  readonly path: string;
  /** Of its first byte, in the archive. */
  readonly offset: number;
  readonly bytes: number;
  read(): Buffer;
}

const BLOCK = 512;
/** Those of regular files. */
const FILES = ['File', 'OldFile', 'ContiguousFile'];
const LONG_NAMES = ['NextFileHasLongPath', 'OldGnuLongPath'];

/** Of what stands before a header: names, of which systems take some thousand bytes, and times. */
const LARGEST_RECORD = 1 << 20;

/**
 * The regular files of a tar archive in its order. Reads headers only, so that an archive of gigabytes is gone through
 * in moments; a member can be read until the next one is asked for.
 */
export function* tarMembers(archive: string): Generator<TarMember, void, undefined> {
  const refuse = (found: string, cause?: unknown): NasError =>
    new NasError(archive, {
      found,
      expected: 'an uncompressed tar archive',
      next: 'copy it again, or remove it',
      cause,
    });
  let file: number;
  try {
    file = openSync(archive, 'r');
  } catch (cause) {
    throw refuse(`cannot be read (${messageOf(cause)})`, cause);
  }
  try {
    const size = fstatSync(file).size;
    const read = (offset: number, bytes: number): Buffer => {
      const content = Buffer.alloc(bytes);
      let done = 0;
      while (done < bytes) {
        const more = readSync(file, content, done, bytes - done, offset + done);
        if (more === 0) throw refuse(`it ends at byte ${offset + done}, in the middle of a file`);
        done += more;
      }
      return content;
    };
    /** What a record before a member's header says of it. */
    let path: string | undefined;
    let extended: Pax | undefined;
    for (let offset = 0; offset + BLOCK <= size; ) {
      const header = headerOf(read(offset, BLOCK), extended);
      if (header?.nullBlock) return;
      if (!header?.cksumValid) throw refuse(`no header at byte ${offset}`);
      const bytes = header.size ?? 0;
      // Formats with signed and extended sizes can also say less than nothing.
      if (!Number.isSafeInteger(bytes) || bytes < 0) {
        throw refuse(`a file of ${bytes} bytes, by the header at byte ${offset}`);
      }
      const begin = offset + BLOCK;
      offset = begin + BLOCK * Math.ceil(bytes / BLOCK);
      if (begin + bytes > size) throw refuse(`it ends at byte ${size}, in the middle of ${header.path}`);
      const isRecord = header.type === 'ExtendedHeader' || LONG_NAMES.includes(header.type);
      if (isRecord && bytes > LARGEST_RECORD) throw refuse(`a name of ${bytes} bytes at byte ${begin}`);
      if (header.type === 'ExtendedHeader') {
        extended = Pax.parse(read(begin, bytes).toString(), extended);
      } else if (LONG_NAMES.includes(header.type)) {
        path = read(begin, bytes).toString().replace(/\0.*/s, '');
      } else {
        if (FILES.includes(header.type)) {
          yield { path: path ?? header.path ?? '', offset: begin, bytes, read: () => read(begin, bytes) };
        }
        path = undefined;
        extended = undefined;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** `undefined` where the bytes hold numbers that no header has. */
function headerOf(block: Buffer, extended: Pax | undefined): Header | undefined {
  try {
    return new Header(block, 0, extended);
  } catch {
    return undefined;
  }
}
