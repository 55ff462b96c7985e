import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { qrCode } from '../../src/report/qr-code.ts';

test('a QR code is square, has a light edge, and is short enough for a terminal', () => {
  const lines = stripVTControlCharacters(qrCode('http://192.168.178.20:40000/#AAAAAAAAAAAAAAAAAAAAAA')).split(
    '\n',
  );
  const width = lines[0]?.length ?? 0;
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([width]));
  expect(lines.length).toBe(Math.ceil(width / 2));
  expect(width).toBeLessThan(45);
  expect(lines[0]).toMatch(/^█+$/);
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^██.*██$/);
});
