import { expect, test } from 'vitest';
import { type Card, cardMarkdown, cardText } from '../../src/report/card.ts';

const latency = { medianMs: 9.5, madMs: 0.1, p10Ms: 9.4, p90Ms: 9.8, samples: 40, rejected: 2 };
const card: Card = {
  ...{ run: 'r1', found: 'r1/17', proxyAccuracy: 0.471, network: 'a1', dataset: 'cifar10' },
  adaptation: { id: 'a1', steps: 7, latencyMs: [11.8, 9.6], accuracy: [0.91, 0.9] },
  training: { training: 't4', validation: 0.925, test: 0.921, epochs: 30, fromWeights: true },
  verification: {
    ...{ verification: 'v2', network: 'a1', origin: 't4', targetMs: 10, met: true, seconds: 60 },
    file: { path: 'out/a1.tflite', bytes: 5_400_000, sha256: 'ab'.repeat(32) },
    device: {
      ...{
        device: 'some-phone',
        processor: 'Some',
        runtime: 'xnnpack',
        runtimeVersion: '1',
        dtype: 'float32',
      },
      ...{
        threads: 1,
        core: 7,
        governor: null,
        operatingSystem: 'Linux',
        measuredAt: 'then',
        nasVersion: '0.1.0',
      },
    },
    deployed: {
      ...{ params: 1_300_000, macs: 64e6, activationBytes: 1, resolution: 224, classes: 1000 },
      ...{ latency: { ...latency, ran: 'graph' }, estimateMs: 9.6, estimateIntervalMs: [9.2, 10] },
    },
    asFile: {
      ...{ params: 400_000, macs: 9e6, activationBytes: 1, resolution: 32, classes: 10 },
      latency: { ...latency, medianMs: 1.25, ran: 'graph' },
    },
    accuracy: {
      ...{
        accuracy: 0.925,
        images: 5000,
        dataset: 'cifar10',
        ranOn: 'here',
        runtime: 'litert 2',
        trained: 0.925,
      },
    },
  },
  files: [{ path: 'out/a1.tflite', bytes: 5_400_000 }],
  references: [
    { name: 'small', params: 1e6, macs: 56e6, latencyMs: 8, publishedTop1: 67.4, own: null },
    {
      ...{ name: 'large', params: 5e6, macs: 217e6, latencyMs: null, publishedTop1: null },
      own: { training: 't2', validation: 0.93, test: null, epochs: 30, fromWeights: false },
    },
  ],
  seconds: { search: 900, adapt: 3600, train: 60 },
  ...{ codeVersion: '0.1.0', madeAt: '2026-01-02T03:04:05.000Z' },
};

test('the card tells accuracy, measured latency against target, costs, size, and the references beside it', () => {
  for (const text of [cardText(card), cardMarkdown(card)]) {
    for (const part of [
      'target 10.0 ms met',
      'measured 9.50 ms ± 100 us (eight of ten of 40 samples in 9.40 ms to 9.80 ms), estimated 9.60 ms',
      '224x224, 1000 classes, on some-phone, xnnpack 1, 1 thread, float32',
      'as it was trained, 32x32, 10 classes: measured 1.25 ms',
      '92.1 % of test images (92.5 % of validation images) after 30 epochs from trained weights on cifar10 (t4)',
      '92.5 % of 5000 validation images by the file, run here by litert 2',
      '64.0 M MACs, 1.30 M params',
      'a1: 7 steps from 11.8 ms to 9.60 ms, accuracy 91.0 % to 90.0 %',
      'out/a1.tflite, 5.40 MB',
      'search 15 min 00 s, adapt 1 h 00 min, train 1 min 00 s',
    ]) {
      expect(text).toContain(part);
    }
  }
});

test('networks stand from fast to slow, those that were not measured last', () => {
  const rows = cardMarkdown(card)
    .split('\n')
    .filter((line) => /^\| (small|a1|large)/.test(line));
  expect(rows).toEqual([
    '| small | 8.00 ms | 56.0 M | 1.00 M | 67.4 % |  |',
    '| a1 ← | 9.50 ms | 64.0 M | 1.30 M |  | 92.1 % (t4, 30 epochs from trained weights) |',
    '| large | not measured | 217 M | 5.00 M |  | 93.0 % (t2, 30 epochs) |',
  ]);
});

test('a target that was missed is said so, and what was not done is left out', () => {
  const { verification } = card;
  const text = cardText({
    ...card,
    ...{ adaptation: null, training: null },
    verification: { ...verification, met: false, asFile: null, accuracy: null },
  });
  expect(text).toContain('target 10.0 ms missed');
  expect(text).toContain('the file was not tried');
  expect(text).not.toMatch(/adapted|as it was trained/);
});
