import type {
  TensorId,
  TfliteModel,
  TfliteQuantization,
} from '../../../devices/runtimes/litert/tflite/model.ts';
import type { BuiltinOperatorName } from '../../../devices/runtimes/litert/tflite/schema.ts';
import { activationQuantization, type Range } from './quantization.ts';

/** These move numbers or choose among them. Runtimes want their results in the scale of what they read. */
const KEEPS_SCALE: readonly BuiltinOperatorName[] = [
  'AVERAGE_POOL_2D',
  'CONCATENATION',
  'MAX_POOL_2D',
  'RESHAPE',
  'SLICE',
  'TRANSPOSE',
];

export function keepsScale(code: BuiltinOperatorName): boolean {
  return KEEPS_SCALE.includes(code);
}

/** The result of LOGISTIC is in [0, 1) for any input, and its scale is fixed. */
const LOGISTIC_RESULT: TfliteQuantization = { scales: [1 / 256], zeroPoints: [-128], axis: 0 };

/**
 * The scale of each tensor that a model reads or computes. Tensors that an operator ties together share the range of
 * all: that needs no operator in between that would change scales, at the price of coarser steps in the narrower ones.
 */
export function activationScales(
  { operators, inputs, tensors }: TfliteModel,
  ranges: ReadonlyMap<TensorId, Range>,
): ReadonlyMap<TensorId, TfliteQuantization> {
  const groupOf = new Map<TensorId, Set<TensorId>>();
  const groupAt = (id: TensorId): Set<TensorId> => {
    const group = groupOf.get(id) ?? new Set([id]);
    groupOf.set(id, group);
    return group;
  };
  const computed = [...inputs, ...operators.flatMap(({ outputs }) => outputs)];
  for (const { code, inputs: read, outputs } of operators) {
    if (!keepsScale(code)) continue;
    for (const id of read) {
      // A shape or an axis is no activation.
      if (tensors[id]?.data !== undefined) continue;
      const merged = new Set([...groupAt(id), ...outputs.flatMap((output) => [...groupAt(output)])]);
      for (const member of merged) groupOf.set(member, merged);
    }
  }
  const fixed = new Set(operators.flatMap(({ code, outputs }) => (code === 'LOGISTIC' ? outputs : [])));
  const scaleOf = new Map<Set<TensorId>, TfliteQuantization>();
  return new Map(
    computed.map((id) => {
      const group = groupAt(id);
      const scale =
        scaleOf.get(group) ??
        ([...group].some((member) => fixed.has(member))
          ? LOGISTIC_RESULT
          : activationQuantization(rangeOfAll(group, ranges)));
      scaleOf.set(group, scale);
      return [id, scale];
    }),
  );
}

function rangeOfAll(group: ReadonlySet<TensorId>, ranges: ReadonlyMap<TensorId, Range>): Range {
  const all = [...group].flatMap((id) => ranges.get(id) ?? []);
  if (all.length === 0) throw new RangeError(`tensors ${[...group].join(', ')} were not calibrated`);
  return {
    least: Math.min(...all.map(({ least }) => least)),
    greatest: Math.max(...all.map(({ greatest }) => greatest)),
  };
}
