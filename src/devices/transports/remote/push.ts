import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, NasError } from '../../../base/errors.ts';
import type { Transport } from '../transport.ts';

/** Of a file's name, the rest being its digest. */
const NAME_CHARACTERS = 100;

/** `FOLDER` is a word of the shell's language. Prints the file's path if it is there and sound. */
const look = (folder: string): string => `
file=${folder}/$1-$2
digest=$(sha256sum <"$file") 2>/dev/null
if [ "\${digest%% *}" = "$1" ] && [ -x "$file" ]; then printf '%s\\n' "$file"; fi
`;

/** Prints the path of the file that it has read from its input, or nothing if what came is damaged. */
const receive = (folder: string): string => `
file=${folder}/$1-$2
part=$file.$$
mkdir -p ${folder} && cat >"$part" && chmod 755 "$part" || exit
digest=$(sha256sum <"$part")
if [ "\${digest%% *}" = "$1" ]; then mv -f "$part" "$file" && printf '%s\\n' "$file"; else rm -f "$part"; fi
`;

/** `push` of every transport to another machine, in terms of `run`. */
export async function pushFile(
  transport: Pick<Transport, 'name' | 'run'>,
  folder: string,
  localPath: string,
): Promise<string> {
  const bytes = await readFile(localPath).catch((cause: unknown) => {
    throw new NasError(localPath, {
      found: messageOf(cause),
      expected: `a file for ${transport.name}`,
      cause,
    });
  });
  const digest = createHash('sha256').update(bytes).digest('hex');
  const name = basename(localPath).slice(-NAME_CHARACTERS);
  const present = await transport.run(['sh', '-c', look(folder), 'sh', digest, name]);
  if (present.stdout !== '') return present.stdout;
  const sent = await transport.run(['sh', '-c', receive(folder), 'sh', digest, name], { input: bytes });
  if (sent.stdout !== '') return sent.stdout;
  throw new NasError(transport.name, {
    found: `${localPath} did not arrive${sent.stderr === '' ? ' as it was sent' : `: ${sent.stderr}`}`,
    expected: `a file of SHA-256 ${digest}`,
    next: 'see that there is room on the device, then do the same again',
  });
}
