// Reads a database, or stores a trial in it, as a user who may write nothing; says what came of it as JSON.
import Database from 'better-sqlite3';
import { openStore } from '../../dist/store/sqlite.js';

const NOBODY = 65534;
const [, , file, mode] = process.argv;
if (process.getuid() === 0) {
  // Everything is loaded by now but the binding of SQLite, which the first database loads.
  new Database(':memory:').close();
  process.setegid(NOBODY);
  process.seteuid(NOBODY);
}

const answer = () => {
  const store = openStore(file, { readOnly: mode === 'read' });
  try {
    if (mode === 'read') return { trials: store.trials('r1').length };
    const [last] = store.trials('r1').slice(-1);
    const at = 'now';
    store.append(
      'r1',
      { ...last, number: last.number + 1 },
      { trainer: 'toy', device: 'here', startedAt: at, finishedAt: at },
    );
    return { stored: true };
  } finally {
    store.close();
  }
};
let result;
try {
  result = answer();
} catch (error) {
  result = { error: error.message, next: error.next };
}
process.stdout.write(JSON.stringify(result));
