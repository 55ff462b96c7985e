import { createLocalLiteRt } from '../../../dist/devices/local-litert.js';
import { distinctKernels } from '../../../dist/graph/fusion.js';
import { estimateLatency } from '../../../dist/latency/estimate.js';
import { mobileNetV1, mobileNetV2, mobileNetV3Large, mobileNetV3Small } from './networks.mjs';

/**
 * Does the sum of kernels predict whole networks on this machine? Measures the kernels of some networks,
 * then the networks, and prints both. Build first; then: node test/bench/latency/main.mjs
 */

const networks = {
  'MobileNetV1 1.0 at 224': mobileNetV1(224),
  'MobileNetV1 0.5 at 128': mobileNetV1(128, 0.5),
  'MobileNetV2 1.0 at 224': mobileNetV2(224),
  'MobileNetV2 1.0 at 128': mobileNetV2(128),
  'MobileNetV2 0.5 at 224': mobileNetV2(224, 0.5),
  'MobileNetV3-Large at 224': mobileNetV3Large(224),
  'MobileNetV3-Large at 128': mobileNetV3Large(128),
  'MobileNetV3-Small at 224': mobileNetV3Small(224),
  'MobileNetV3-Small at 128': mobileNetV3Small(128),
};

const print = (line) => process.stdout.write(`${line}\n`);
const device = await createLocalLiteRt();
try {
  const kernels = new Map();
  const distinct = distinctKernels(Object.values(networks));
  const start = performance.now();
  let rejected = 0;
  for await (const latency of device.measureKernels(distinct)) {
    kernels.set(latency.signature, latency);
    rejected += latency.rejected;
  }
  const seconds = (performance.now() - start) / 1000;
  const samples = [...kernels.values()].reduce((sum, latency) => sum + latency.samples, 0);
  print(
    `${device.provenance.processor}: ${kernels.size} kernels in ${seconds.toFixed(1)} s, ${rejected} of ${samples + rejected} samples rejected`,
  );
  const table = { provenance: device.provenance, kernels };
  const errors = [];
  for (const [name, graph] of Object.entries(networks)) {
    const measured = await device.measureNetwork(graph);
    const predicted = estimateLatency(graph, table).latencyMs;
    const error = predicted / measured.medianMs - 1;
    errors.push(Math.abs(error));
    print(
      `${name.padEnd(26)} predicted ${predicted.toFixed(2).padStart(6)} ms  measured ${measured.medianMs.toFixed(2).padStart(6)} ± ${measured.madMs.toFixed(2)} ms (${measured.rejected} rejected)  ${(100 * error).toFixed(1).padStart(6)} %`,
    );
  }
  print(
    `mean absolute error ${((100 * errors.reduce((sum, error) => sum + error, 0)) / errors.length).toFixed(1)} %`,
  );
  if (process.argv.includes('--kernels')) {
    for (const { signature, medianMs, madMs, rejected: lost } of kernels.values()) {
      print(
        `${(1000 * medianMs).toFixed(1).padStart(8)} ± ${(1000 * madMs).toFixed(1)} us  ${lost} rejected  ${signature}`,
      );
    }
  }
} finally {
  await device.close();
}
