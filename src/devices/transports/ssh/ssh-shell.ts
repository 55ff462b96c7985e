import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NasError } from '../../../base/errors.ts';
import type { RemoteShell } from '../remote/remote-shell.ts';

export interface SshHost {
  /** A name of the user's ssh configuration or of the network. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Read instead of the user's configuration. */
  readonly config?: string;
}

/** What differs from the user's configuration. Host keys, identities and jumps are left to that. */
const OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=10',
  // 15 s until an unplugged board is noticed.
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  'ClearAllForwardings=yes',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'ControlPersist=no',
];

/**
 * The shell of a host with OpenSSH's client. The guard's connection is the one that all processes share, rather than
 * one that stays in the background for a while (`ControlPersist`): so it ends with this program, however that ends.
 */
export function createSshShell({ host, user, port, config }: SshHost): RemoteShell {
  const target = user === undefined ? host : `${user}@${host}`;
  const name = `ssh:${target}${port === undefined ? '' : `:${port}`}`;
  let folder: string | undefined;
  let connections = 0;

  return {
    name,
    folder: '"$HOME"/.cache/nas',
    async reach() {
      folder ??= await mkdtemp(join(tmpdir(), 'nas-ssh-'));
      // Another name each time: the socket of a lost connection may still be there.
      connections += 1;
    },
    client(script, role) {
      const control = [
        `ControlMaster=${role === 'guard' ? 'yes' : 'no'}`,
        `ControlPath=${folder}/${connections}`,
      ];
      return [
        ...(['ssh', '-T', '-x', '-a'] as const),
        ...(config === undefined ? [] : ['-F', config]),
        ...(port === undefined ? [] : ['-p', String(port)]),
        ...[...OPTIONS, ...control].flatMap((option) => ['-o', option]),
        ...['--', target, script],
      ];
    },
    explain(words) {
      const byHand = `ssh ${port === undefined ? '' : `-p ${port} `}${target}`;
      const last = words.split('\n').at(-1)?.trim();
      const [, next] = ADVICE.find(([pattern]) => pattern.test(words)) ?? [];
      return new NasError(name, {
        found: last || 'ssh ended without a word',
        expected: 'a shell that runs commands',
        next: next?.(byHand) ?? `see that \`${byHand}\` works`,
      });
    },
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}

const ADVICE: readonly (readonly [RegExp, (byHand: string) => string])[] = [
  [/Host key verification failed/, (byHand) => `run \`${byHand}\` once and compare its host key`],
  [
    /Permission denied/,
    (byHand) => `give it a key: \`${byHand.replace(/^ssh/, 'ssh-copy-id')}\`; one with a passphrase: ssh-add`,
  ],
  [/Could not resolve hostname/, () => 'mend its name, or add it to ~/.ssh/config'],
];
