import { StringDecoder } from 'node:string_decoder';

/** Bytes in, lines out: kept from the first on, whether anyone listens yet or not. */
export interface LineQueue {
  push(chunk: Uint8Array): void;
  /** No more will come. What came after the last newline, if anything, is a line too. */
  end(): void;
  /** To be iterated once. */
  readonly lines: AsyncIterable<string>;
}

/**
 * Lines end with a newline and nothing else: readline of Node also ends them at U+2028, which stands unescaped in
 * JSON.
 */
export function createLineQueue(): LineQueue {
  const decoder = new StringDecoder('utf8');
  const ready: string[] = [];
  let rest = '';
  let isOver = false;
  let wake = (): void => {};

  const add = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    ready.push(...lines);
    wake();
  };

  async function* read(): AsyncGenerator<string, void> {
    for (;;) {
      const line = ready.shift();
      if (line !== undefined) yield line;
      else if (isOver) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  return {
    push: (chunk) => add(decoder.write(Buffer.from(chunk))),
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
