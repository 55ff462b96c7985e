import { createInterface } from 'node:readline';

/** A runner that misbehaves on demand: its argument says how. Plain JavaScript: Node runs it as it is. */

const [behaviour] = process.argv.slice(2);
const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const hello = { kind: 'hello', protocol: 1, runtime: 'fake', runtimeVersion: '1', threads: 1 };

if (behaviour === 'mute') setInterval(() => {}, 1000);
else if (behaviour === 'other-protocol') answer({ ...hello, protocol: 99 });
else answer(hello);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, subjects } = JSON.parse(line);
    for (const { key } of subjects) {
      answer({ kind: 'started', id, key });
      if (key.includes('5')) {
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
      answer({ kind: 'measured', id, key, medianMs: 1, madMs: 0, samples: 5, rejected: 0 });
    }
    answer({ kind: 'done', id });
  })
  .on('close', () => process.exit());
