import { expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { holdsInt8 } from '../../src/export/tflite/holds-int8.ts';
import { tinyExamples } from './some-network.ts';

// int8.test.ts asks it of files that hold them.
test.each(tinyExamples(1).map(({ network }) => network))('$name as exported holds none', (network) => {
  const [file] = EXPORT_FORMATS.tflite.write(network, 'network');
  const content = Buffer.from(file!.content);
  expect(holdsInt8(content)).toBe(false);
  expect(holdsInt8(content.subarray(0, 40))).toBe(false);
});

test.each(['', 'no model', 'xxxxTFL3', 'xxxxTFL3 and then words'])(
  '%j, which is no such file, holds none',
  (text) => {
    expect(holdsInt8(Buffer.from(text))).toBe(false);
  },
);
