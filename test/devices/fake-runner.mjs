import { createInterface } from 'node:readline';

/** A runner that misbehaves on demand: its argument says how. Plain JavaScript: Node runs it as it is. */

const [behaviour] = process.argv.slice(2);
const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const hello = {
  ...{ kind: 'hello', protocol: 2, runtime: 'fake', runtimeVersion: '1', architecture: 'none' },
  ...{ threads: 1, core: null, dtypes: ['float32'] },
};

if (behaviour === 'mute') setInterval(() => {}, 1000);
else if (behaviour === 'other-protocol') answer({ ...hello, protocol: 99 });
else answer(hello);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, kind, key, keys } = JSON.parse(line);
    if (kind === 'load' && key.includes('k5x5')) {
      if (behaviour === 'hangs') return;
      if (behaviour === 'dies') {
        process.stderr.write('out of memory\n');
        process.exitCode = 70;
        process.stdin.destroy();
        return;
      }
      if (behaviour === 'babbles') process.stdout.write('Segmentation fault\n');
      if (behaviour === 'refuses') {
        answer({ kind: 'error', id, where: key, found: 'too large', expected: 'less' });
        return;
      }
    }
    if (kind === 'load') answer({ kind: 'loaded', id, weightBytes: 4 });
    if (kind === 'sample') {
      const miscounts = behaviour === 'miscounts' && keys.some((each) => each.includes('k5x5'));
      const samples = keys.map(() => ({ wallUs: 1000, cpuUs: 1000, switches: 0 }));
      answer({ kind: 'sampled', id, samples: miscounts ? [] : samples });
    }
    if (kind === 'unload') answer({ kind: 'unloaded', id });
  })
  .on('close', () => process.exit());
