import { messageOf, NasError } from '../base/errors.ts';

/** What systems say of a disk, as Node prints it: `ENOSPC: no space left on device, write`. */
const TROUBLE: readonly (readonly [RegExp, found: string, next: string])[] = [
  [/^(ENOSPC|EDQUOT|EFBIG): /, 'the disk is full', 'free some space'],
  [
    /^(EROFS|EACCES|EPERM): |^ENOENT: .*, mkdir /,
    'a file or folder cannot be written',
    'check its permissions',
  ],
  [/^EIO: /, 'the disk fails to read or write', 'check its health'],
  [/^(EMFILE|ENFILE): /, 'too many files are open', 'raise the limit (ulimit -n)'],
];

/**
 * The error for a disk that is full, read-only or broken, which can come out of any place that writes; `undefined` for any
 * other. By its message, for errors of worker threads lose their codes on the way. Such an error ends a search, and is not
 * stored as the failure of a trial: resumed, it goes on as if nothing had been.
 */
export function diskTrouble(error: unknown): NasError | undefined {
  const message = messageOf(error);
  const known = TROUBLE.find(([pattern]) => pattern.test(message));
  if (known === undefined) return undefined;
  const [, found, next] = known;
  return new NasError(found, {
    found: message,
    next: `${next}, then do the same again or resume; what was stored before is whole`,
    cause: error,
  });
}
