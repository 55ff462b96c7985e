import type { NextCommand } from '../../report/pages/run-page.ts';
import { deviceArguments } from '../next-commands.ts';
import { outlineOf } from '../run-outline.ts';

/** What to do with a trial, as exact commands: of its run's dataset, device and target. */
export function trialCommands(reference: string, config: unknown): readonly NextCommand[] {
  const { dataset = 'cifar10', targetsMs } = outlineOf(config);
  const { device } = config as { readonly device?: unknown };
  const on = deviceArguments(device);
  const images = dataset === 'cifar10' ? '' : ` --dataset ${quoted(dataset)}`;
  const target = targetsMs[0] ?? 15;
  return [
    [`nas measure ${reference}${on}`, 'measure it as a whole'],
    [`nas train ${reference}${images}`, 'train it in full, and test it'],
    [`nas adapt ${reference} --target ${target}ms${images}${on}`, 'narrow it layer by layer to a target'],
    [`nas export ${reference} --format tflite`, 'for phones, once it is trained'],
    [`nas export ${reference} --format onnx`, 'for ONNX Runtime'],
    [`nas export ${reference} --format pytorch`, 'as a readable module'],
    [`nas export ${reference} --format json`, 'as its ops'],
    [`nas cost ${reference}`, 'MACs and parameters, layer by layer'],
    [`nas explain ${reference}`, 'the same as here, in a terminal'],
  ];
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
