import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

type MachineName = 'amd64' | 'arm64' | 'board';

/** A machine that `with-phones` has started beside the tests. */
export interface TestMachine {
  /** What `nas` calls it. */
  readonly device: string;
  /** What is running there, as command lines, but for what is needed to reach it. Looked up from outside. */
  processes(): readonly string[];
  /** The numbers of the processes there that run a program whose path ends like this. */
  numbersOf(program: string): readonly number[];
  /** Takes its network away, as an unplugged cable does, and gives it back. */
  unplug(): void;
  plugIn(): void;
  /** Ends its adbd or sshd with all connections; it is started again at once. */
  killServer(): void;
  /** Resolves when its adbd or sshd answers. */
  isUp(): Promise<void>;
}

/** Why there are no test machines; undefined where there are. */
export const NO_PHONES: string | undefined = process.env.NAS_TEST_PHONES
  ? undefined
  : (process.env.NAS_TEST_NO_PHONES ?? 'run by `npm run test:devices`');

export function testMachine(name: MachineName): TestMachine {
  const { device, init, address, port } = JSON.parse(process.env.NAS_TEST_PHONES ?? '{}')[name];
  const link = (state: 'up' | 'down'): void => void execFileSync('/sbin/ip', ['link', 'set', name, state]);
  return {
    device,
    processes: () =>
      pidsBeside(init)
        .map((pid) => read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim())
        .filter((line) => line !== '' && !isOfTheRig(line)),
    numbersOf: (program) =>
      pidsBeside(init).filter((pid) => {
        // Of an emulated one, the first word is the emulator.
        const words = read(`/proc/${pid}/cmdline`).split('\0').slice(0, 2);
        return words.some((word) => word.endsWith(program));
      }),
    unplug: () => link('down'),
    plugIn: () => link('up'),
    async isUp() {
      while (!(await answers(address, port))) await sleep(50);
    },
    killServer() {
      for (const pid of pidsBeside(init)) {
        const isServer = isOfTheRig(read(`/proc/${pid}/cmdline`).split('\0').join(' '));
        if (isServer && pid !== init) end(pid);
      }
    },
  };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    // A server sends its banner, adbd waits for the client's.
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** The numbers of all processes of a machine, by the namespace of its first. */
function pidsBeside(init: number): readonly number[] {
  const namespace = readlinkSync(`/proc/${init}/ns/pid`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The script that is a machine's first process, the servers it runs, and its pause between two of them. */
function isOfTheRig(commandLine: string): boolean {
  return (
    commandLine
      .split(' ')
      .some((word) => ['phone', 'board', 'adbd', 'sshd', 'sshd:'].includes(basename(word))) ||
    commandLine.startsWith('sleep 0.2') ||
    commandLine.includes('sshd-session')
  );
}

/** A process may have ended by itself since it was looked up. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
