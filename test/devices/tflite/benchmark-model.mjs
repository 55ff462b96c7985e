#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { loadLiteRt } from '../../../dist/devices/runtimes/litert/load-litert.js';

/**
 * Stands in for benchmark_model where there is none: loads the .tflite file it is given into LiteRT (in WebAssembly),
 * runs it as often as its flags say, and writes what the version that `LIKE` names would write of these times.
 */

const LIKE = process.env.LIKE ?? 'LiteRT 2';
const prefix = LIKE === 'TensorFlow 2.2' ? '' : 'INFO: ';
const say = (line) => process.stdout.write(line === '' ? '\n' : `${prefix}${line}\n`);

function fail(complaint) {
  process.stderr.write(`ERROR: ${complaint}\nERROR: Benchmarking failed.\n`);
  process.exit(1);
}

const flags = new Map([['num_threads', '-1']]);
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(\w+)=(.*)$/.exec(argument) ?? fail(`usage: ${process.argv[1]} <flags>`);
  flags.set(name, value);
}
const flag = (name) => Number(flags.get(name));
const known = [
  'graph',
  'num_threads',
  'use_xnnpack',
  'warmup_runs',
  'warmup_min_secs',
  'num_runs',
  'min_secs',
];
const unknown = [...flags].filter(([name]) => ![...known, 'max_secs'].includes(name));

say('STARTING!');
if (unknown.length > 0) {
  process.stdout.write(
    `WARN: Unconsumed cmdline flags: ${unknown.map((pair) => `--${pair.join('=')}`).join(' ')}\n`,
  );
}
say(`Num threads: [${flags.get('num_threads')}]`);
say(`Graph: [${flags.get('graph')}]`);

const graph = flags.get('graph') ?? '';
let bytes;
try {
  bytes = readFileSync(graph);
} catch {
  fail(`Failed to load model ${graph}`);
}
if (bytes.toString('latin1', 4, 8) !== 'TFL3') fail(`Failed to load model ${graph}`);
say(`Loaded model ${graph}`);

const nowUs = () => Math.round(1000 * performance.now());
const begin = nowUs();
const liteRt = await loadLiteRt();
const compiled = await liteRt.loadAndCompile(new Uint8Array(bytes), { accelerator: 'wasm' });
const inputs = compiled.getInputDetails().map(({ shape }) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return new liteRt.Tensor(
    Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 2003) / 1001 - 1),
    shape,
  );
});
const initUs = nowUs() - begin;
process.stderr.write('INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n');
say(`The input model file size (MB): ${printed(bytes.length / 1e6)}`);
say(`Initialized session in ${printed(initUs / 1000)}ms.`);

/** As an iostream prints a double. */
function printed(value) {
  const digits = Number(value.toPrecision(6));
  return digits >= 1e6 ? digits.toExponential().replace('e+', 'e+0') : String(digits);
}

const meanOf = (times) => times.reduce((sum, time) => sum + time, 0) / times.length;

/** Runs at least so often and so long, unless that takes too long, and tells the times. */
async function phase(runs, minSecs, maxSecs) {
  say(
    `Running benchmark for at least ${runs} iterations and at least ${minSecs} seconds ` +
      `but terminate if exceeding ${maxSecs} seconds.`,
  );
  const times = [];
  const start = nowUs();
  for (
    let now = start;
    (times.length < runs || now < start + 1e6 * minSecs) && now <= start + 1e6 * maxSecs;
  ) {
    const before = nowUs();
    for (const output of await compiled.run(inputs)) output.delete();
    now = nowUs();
    times.push(now - before);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const at = (percent) => sorted[Math.floor((sorted.length * percent) / 100)];
  const line =
    min === max
      ? `count=${times.length} curr=${min}${times.length > 1 ? '(all same)' : ''}`
      : `count=${times.length} first=${times[0]} curr=${times.at(-1)} min=${min} max=${max} ` +
        `avg=${printed(meanOf(times))} std=${Math.floor(deviationOf(times))}`;
  say(LIKE === 'LiteRT 2' ? `${line} p5=${at(5)} median=${at(50)} p95=${at(95)}` : line);
  say('');
  return times;
}

function deviationOf(times) {
  const mean = meanOf(times);
  return Math.sqrt(meanOf(times.map((time) => (time - mean) ** 2)));
}

const warmUp = await phase(flag('warmup_runs'), flag('warmup_min_secs'), flag('max_secs'));
const timed = await phase(flag('num_runs'), flag('min_secs'), flag('max_secs'));
say(
  LIKE === 'TensorFlow 2.2'
    ? `Average inference timings in us: Warmup: ${printed(meanOf(warmUp))}, Init: ${initUs}, Inference: ${printed(meanOf(timed))}`
    : `Inference timings in us: Init: ${initUs}, First inference: ${warmUp[0]}, Warmup (avg): ${printed(meanOf(warmUp))}, Inference (avg): ${printed(meanOf(timed))}`,
);
process.exit(0);
