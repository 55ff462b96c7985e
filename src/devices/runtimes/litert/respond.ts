import { messageOf, NasError } from '../../../base/errors.ts';
import { parseJson, parseWith } from '../../../base/parse.ts';
import { type Answer, requestSchema } from '../../runner-protocol.ts';
import type { Bench } from './bench.ts';

/** The answer to a line of the host, whatever it says. */
export async function respond(line: string, bench: Bench): Promise<Answer> {
  let id: number | null = null;
  try {
    const request = parseWith(requestSchema, parseJson(line, 'request'), 'request');
    id = request.id;
    return await bench.carryOut(request);
  } catch (thrown) {
    return refusal(id, thrown);
  }
}

function refusal(id: number | null, thrown: unknown): Answer {
  const error =
    thrown instanceof NasError ? thrown : new NasError('the LiteRT runner', { found: messageOf(thrown) });
  const { where, found, expected, next } = error;
  return {
    kind: 'error',
    id,
    where,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  };
}
