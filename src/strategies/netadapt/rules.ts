export const RULES = ['mobilenet-v3', 'netadapt'] as const;

/**
 * Which of a step's proposals is taken. `mobilenet-v3`: that of the best Δaccuracy / |Δlatency| (arXiv:1905.02244,
 * section 5.2). Δaccuracy is negative as a rule, so the best is the least lost for each millisecond. `netadapt`: the most
 * accurate one (arXiv:1804.03230, algorithm 1).
 */
export type Rule = (typeof RULES)[number];

export interface Figures {
  /** Of the network in the size that is trained, after its short fine-tuning. */
  readonly accuracy: number;
  readonly latencyMs: number;
}

/** The place of the proposal to take, the first of equals; `undefined` where there is none, or all failed. */
export function chooseProposal(
  rule: Rule,
  current: Figures,
  proposals: readonly (Figures | undefined)[],
): number | undefined {
  let best: { readonly index: number; readonly score: number } | undefined;
  proposals.forEach((proposal, index) => {
    if (proposal === undefined) return;
    const score = rule === 'netadapt' ? proposal.accuracy : accuracyPerMs(current, proposal);
    if (best === undefined || score > best.score) best = { index, score };
  });
  return best?.index;
}

function accuracyPerMs(current: Figures, { accuracy, latencyMs }: Figures): number {
  return (accuracy - current.accuracy) / Math.abs(current.latencyMs - latencyMs);
}
