import { StringDecoder } from 'node:string_decoder';
import { NasError } from '../../base/errors.ts';

/** Bytes in, lines out: kept from the first on, whether anyone listens yet or not. */
export interface LineQueue {
  push(chunk: Uint8Array): void;
  /** No more will come. What came after the last newline, if anything, is a line too. */
  end(): void;
  /** To be iterated once. Throws a NasError where more is waiting than is kept. */
  readonly lines: AsyncIterable<string>;
}

export interface LineQueueOptions {
  /** Ends whatever speaks: more of it than is kept has come, and the rest is thrown away. */
  readonly onFlood: () => void;
  /** Of lines that nobody has taken yet, the one under way included. */
  readonly keptCharacters?: number;
}

/** The longest lines, outputs of models in base64, have some hundred thousand characters. */
const KEPT_CHARACTERS = 64 << 20;

/**
 * Lines end with a newline and nothing else: readline of Node also ends them at U+2028, which stands unescaped in
 * JSON. What speaks without end, or faster than anybody listens, cannot fill the memory.
 */
export function createLineQueue({ onFlood, keptCharacters = KEPT_CHARACTERS }: LineQueueOptions): LineQueue {
  const decoder = new StringDecoder('utf8');
  let ready: string[] = [];
  let rest = '';
  /** Characters in `ready` and `rest`, each newline included. */
  let waiting = 0;
  let isOver = false;
  let isFlooded = false;
  let wake = (): void => {};

  const add = (text: string): void => {
    waiting += text.length;
    if (waiting > keptCharacters) {
      isOver = true;
      isFlooded = true;
      ready = [];
      rest = '';
      onFlood();
    } else {
      let begin = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
        ready.push(rest + text.slice(begin, end));
        rest = '';
        begin = end + 1;
      }
      rest += text.slice(begin);
    }
    wake();
  };

  async function* read(): AsyncGenerator<string, void> {
    for (;;) {
      const line = ready.shift();
      if (line !== undefined) {
        waiting -= line.length + 1;
        yield line;
      } else if (isFlooded) {
        throw new NasError('output of a program', {
          found: `more than ${keptCharacters} characters that nobody has asked for`,
          expected: 'lines, each an answer',
        });
      } else if (isOver) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  return {
    push(chunk) {
      if (!isOver) add(decoder.write(Buffer.from(chunk)));
    },
    end() {
      if (isOver) return;
      add(decoder.end());
      if (rest !== '') ready.push(rest);
      isOver = true;
      wake();
    },
    lines: read(),
  };
}
