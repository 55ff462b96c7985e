/** A runner that means harm: its argument is what it says, after a good hello where it says nothing else first. */

const [behaviour, said = ''] = process.argv.slice(2);
const hello = {
  ...{ kind: 'hello', protocol: 2, runtime: 'fake', runtimeVersion: '1', architecture: 'none' },
  ...{ threads: 1, core: null, dtypes: ['float32'] },
};
const forever = (text) => {
  const more = () => {
    while (process.stdout.write(text));
    process.stdout.once('drain', more);
  };
  more();
};

if (behaviour === 'says') process.stdout.write(`${said}\n`);
else process.stdout.write(`${JSON.stringify(hello)}\n`);
if (behaviour === 'never-ends-a-line') forever('x'.repeat(1 << 20));
if (behaviour === 'never-stops') forever('{"kind":"unloaded","id":-1}\n'.repeat(10_000));
process.stdin.on('end', () => process.exit()).resume();
