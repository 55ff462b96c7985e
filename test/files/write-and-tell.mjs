// Writes a small file and then a large one in its place; says what came of it, as JSON.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWholeFile } from '../../dist/files/write-whole-file.js';

const [, , file, bytes] = process.argv;
// Where files may not grow, the kernel sends a signal before it says so.
process.on('SIGXFSZ', () => {});
writeWholeFile(file, 'good');
let code;
try {
  writeWholeFile(file, Buffer.alloc(Number(bytes), 'x'));
} catch (error) {
  code = error.code;
}
process.stdout.write(
  JSON.stringify({ code, bytes: readFileSync(file).length, files: readdirSync(dirname(file)).length }),
);
