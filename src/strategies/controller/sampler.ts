import type { Rng } from '../../base/rng.ts';
import { pickOutcome } from '../../numeric/categorical.ts';
import { createLstmStep, type LstmStep } from '../../numeric/lstm.ts';
import { type Decision, isActive } from '../../space/decision.ts';
import { type Genotype, INACTIVE } from '../../space/genotype.ts';
import type { Controller } from './controller.ts';

/**
 * Draws from a controller whose parameters stay as they are until `reset`, without drawing again what was taken out (incremental sampling
 * without replacement, arXiv:2002.09067): a tree of the choices made so far holds at each branch how much probability is
 * left below. A policy that has all but settled on one network then costs one draw for each network known, not
 * thousands; and beginnings that samples share are worked out once.
 */
export interface Sampler {
  /** A genotype by the policy among those not taken out; `undefined` where none is left. */
  draw(rng: Rng): Genotype | undefined;
  /** The policy is never drawn from for this genotype again. It must be one drawn before. */
  takeOut(genotype: Genotype): void;
  /** Begins anew, with the parameters the controller has now. */
  reset(): void;
}

interface Node {
  readonly decision: number;
  readonly state: LstmStep;
  readonly probabilities: Float64Array;
  /** Of each option: its probability times the part of it that was not taken out. */
  readonly left: Float64Array;
  readonly next: (Node | undefined)[];
}

export function createSampler(controller: Controller, decisions: readonly Decision[]): Sampler {
  const nextActive = (genotype: readonly number[]): number => {
    let decision = genotype.length;
    const choices = [...genotype];
    for (; decision < decisions.length; decision++) {
      const candidate = decisions[decision];
      if (candidate !== undefined && isActive(candidate, choices)) break;
      choices.push(INACTIVE);
    }
    return decision;
  };
  /** All nodes ever made, by decision, and how many of them are in use: those of a former policy are used again. */
  const made = decisions.map((): Node[] => []);
  const used = decisions.map(() => 0);
  const nodeOf = (decision: number): Node => {
    const nodes = made[decision] ?? [];
    const place = used[decision] ?? 0;
    used[decision] = place + 1;
    const known = nodes[place];
    if (known !== undefined) {
      known.next.length = 0;
      return known;
    }
    const options = decisions[decision]?.options.length ?? 0;
    const node = {
      decision,
      state: createLstmStep(controller.hiddenUnits),
      probabilities: new Float64Array(options),
      left: new Float64Array(options),
      next: [],
    };
    nodes.push(node);
    return node;
  };
  const grow = (decision: number, parent: Node | undefined, choice: number): Node => {
    const node = nodeOf(decision);
    controller.advance(parent?.state, parent && { decision: parent.decision, choice }, node.state);
    controller.decide(node.state, decision, node.probabilities);
    node.left.set(node.probabilities);
    return node;
  };
  const first = nextActive([]);
  let root: Node | undefined;
  const begin = (): void => {
    used.fill(0);
    root = first < decisions.length ? grow(first, undefined, 0) : undefined;
  };
  begin();

  return {
    draw(rng) {
      const genotype: number[] = [];
      for (let node = root; node !== undefined; ) {
        while (genotype.length < node.decision) genotype.push(INACTIVE);
        const choice = pickOutcome(node.left, rng.uniform());
        if (choice < 0) return undefined;
        genotype.push(choice);
        let next: Node | undefined = node.next[choice];
        if (next === undefined) {
          const decision = nextActive(genotype);
          if (decision < decisions.length) {
            next = grow(decision, node, choice);
            node.next[choice] = next;
          }
        }
        node = next;
      }
      while (genotype.length < decisions.length) genotype.push(INACTIVE);
      return genotype;
    },
    takeOut(genotype) {
      const path: Node[] = [];
      for (let node = root; node !== undefined; node = node.next[genotype[node.decision] ?? INACTIVE])
        path.push(node);
      let part = 0;
      for (let node = path.pop(); node !== undefined; node = path.pop()) {
        const choice = genotype[node.decision] ?? INACTIVE;
        node.left[choice] = part * (node.probabilities[choice] ?? 0);
        part = 0;
        for (const left of node.left) part += left;
      }
    },
    reset: begin,
  };
}
