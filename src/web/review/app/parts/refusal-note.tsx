import type { Refusal } from '../source/source.ts';

/** Why something is not there, in the words of the program's errors. */
export function RefusalNote({ refusal: { where, found, expected, next } }: { readonly refusal: Refusal }) {
  return (
    <div className="refusal" role="alert">
      <p>
        <b>{where}</b>: {found}
        {expected !== undefined && `; expected ${expected}`}
      </p>
      {next !== undefined && <p>next: {next}</p>}
    </div>
  );
}
