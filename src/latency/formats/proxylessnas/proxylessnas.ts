import { fieldsOf, positiveTime } from '../fields.ts';
import { bareLatency, type LatencyRow, readOrRefuse, type TableFormat } from '../format.ts';
import { type Entry, entriesOf, parseEntry } from './entries.ts';
import { lowerKey } from './layers.ts';

/**
 * The tables of ProxylessNAS (arXiv:1812.00332) and Once-for-All (arXiv:1908.09791): YAML whose keys are
 * layers, such as `expanded_conv-input:112x112x16-output:56x56x24-expand:3-kernel:5-stride:2-idskip:0`, each with its
 * `mean` in milliseconds.
 *
 * Once-for-All's keys end with `-se:0-hs:1`. There `expand` is the number of expanded channels, not a ratio, and the
 * layers outside of blocks have h-swish, as in MobileNetV3; without those keys all activations are ReLU6.
 */
export const proxylessnas: TableFormat = {
  description:
    'YAML of ProxylessNAS and Once-for-All: expanded_conv-input:…-expand:3-kernel:5-…, each with its mean in ms',
  statistic: 'mean',
  *read(files) {
    for (const file of files) {
      const isOnceForAll = /-hs:[01]/.test(file.text);
      for (const entry of entriesOf(file)) {
        yield readOrRefuse(() => readEntry(entry, isOnceForAll));
      }
    }
  },
};

function readEntry(entry: Entry, isOnceForAll: boolean): LatencyRow {
  const { where } = entry;
  const [key, value] = parseEntry(entry);
  const { kernels } = lowerKey(key, isOnceForAll, where);
  return { where, kernels, latency: bareLatency(positiveTime(fieldsOf(value, where), 'mean')) };
}
