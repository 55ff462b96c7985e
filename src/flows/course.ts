import { mean } from 'simple-statistics';
import { NasError } from '../base/errors.ts';
import type { RungResult, Trial } from '../objective/trial.ts';
import type { StoredRung, Tell } from '../store/store.ts';
import { reasonToStop, type Standing } from './early-stopping.ts';
import { type Ending, latencyOn, type Proposal, type Proposer } from './goals.ts';
import type { SearchEvent, SearchParts, SearchPlan } from './search.ts';
import type { Job } from './training-job.ts';

/** What a search knows so far, and what its log knew when it began. */
export interface Course {
  ask(count: number): readonly Proposal[];
  /** A proposal on its way. Throws where the log holds another network under its number. */
  enter(number: number, proposal: Proposal): Job;
  /** What the log held of a job when the search began. */
  storedTrial(number: number): Trial | undefined;
  storedRung(number: number, rung: number): StoredRung | undefined;
  /** The tell that the log has next; `undefined` where all that it held were taken. */
  nextStoredTell(): Tell | undefined;
  /** Whether the log holds trials from a number on. */
  holdsFrom(number: number): boolean;
  /** Takes the result of a rung; from now on others at the rung are compared with it. */
  addRung(job: Job, result: RungResult): void;
  /** Why a job should not go on from a rung that it came to; `undefined` where it should. */
  judge(job: Job, result: RungResult): string | undefined;
  /** Puts tells in the log, unless it has them, which then have to be the same. */
  learn(tells: readonly Tell[]): void;
  /** Tells the strategies of trials, after `learn`. */
  tell(trials: readonly Trial[]): SearchEvent;
}

/** A rung that a job has come to. */
interface Reached {
  readonly job: Job;
  readonly rung: number;
  readonly accuracy: number;
}

export function createCourse(plan: SearchPlan, parts: SearchParts, proposer: Proposer): Course {
  const { log, goals } = parts;
  const trials = new Map(log.trials().map((trial) => [trial.number, trial]));
  const lastNumber = Math.max(-1, ...trials.keys());
  const rungs = new Map(log.rungs().map((rung) => [`${rung.trial}/${rung.rung}`, rung]));
  const failures = log.failures();
  const tells = log.tells();
  const updated = new Set(log.updates().map(({ position }) => position));
  const reached: Reached[] = [];
  /** By rung: what completed trials have gained since. */
  const gains = new Map<number, number[]>();
  let told = 0;

  /**
   * The accuracy that a stopped trial would have come to, had it gained as much as those that went on did on average:
   * a strategy that took it for what it was at a rung would think all networks there bad. It is told to strategies
   * alone.
   */
  const supposedAccuracy = ({ rung, accuracy }: RungResult): number =>
    Math.min(1, accuracy + mean(gains.get(rung) ?? [0]));
  const endingOf = (trial: Trial): Ending => {
    if (trial.state === 'completed') return { trial, accuracy: trial.accuracy };
    const last = trial.state === 'stopped' ? trial.rungs.at(-1) : undefined;
    return { trial, accuracy: last && supposedAccuracy(last) };
  };

  return {
    ask: (count) => proposer.ask(count),
    enter(number, { genotype, goal }) {
      const stored = trials.get(number);
      if (stored !== undefined && stored.genotype.join() !== genotype.join()) {
        throw new NasError(`trial ${number}`, {
          found: `the stored network [${stored.genotype}] is not the one proposed now [${genotype}]`,
          expected: 'a run continued with the version that began it',
          next: 'start a new run, or resume with the version of nas that `nas show RUN` names',
        });
      }
      return {
        number,
        goal,
        candidate: parts.candidate(genotype),
        rung: 0,
        failures: failures.filter(({ trial }) => trial === number),
        results: [],
        startedAt: undefined,
      };
    },
    storedTrial: (number) => trials.get(number),
    storedRung: (number, rung) => rungs.get(`${number}/${rung}`),
    nextStoredTell: () => tells[told],
    holdsFrom: (number) => number <= lastNumber,
    addRung(job, { rung, accuracy }) {
      reached.push({ job, rung, accuracy });
    },
    judge(job, { rung, accuracy }) {
      if (plan.stopEarly === undefined) return undefined;
      const goal = goals[job.goal] ?? goals[0];
      const standing = ({ job: { candidate }, accuracy }: Reached): Standing => ({
        accuracy,
        latencyMs: latencyOn(candidate, goal.device),
      });
      const others = reached.filter((other) => other.rung === rung && other.job !== job).map(standing);
      const reward = plan.multiObjective === true ? undefined : goal.reward;
      return reasonToStop(plan.stopEarly, standing({ job, rung, accuracy }), others, reward);
    },
    learn(learned) {
      const fresh: Tell[] = [];
      for (const tell of learned) {
        const stored = tells[told];
        if (stored === undefined) fresh.push(tell);
        else if (stored.trial !== tell.trial || stored.rung !== tell.rung) {
          throw new NasError(`trial ${tell.trial}`, {
            found: `the search learned of it where the stored one learned of trial ${stored.trial}`,
            expected: 'a run continued with the version that began it',
            next: 'start a new run, or resume with the version of nas that `nas show RUN` names',
          });
        }
        told++;
      }
      if (fresh.length > 0) log.appendTells(fresh);
    },
    tell(ended) {
      for (const trial of ended) {
        if (trial.state !== 'completed') continue;
        for (const { rung, accuracy } of trial.rungs ?? []) {
          const gained = gains.get(rung) ?? [];
          gained.push(trial.accuracy - accuracy);
          gains.set(rung, gained);
        }
      }
      const diagnostics = proposer.tell(ended.map(endingOf));
      const position = told - 1;
      if (!updated.has(position)) log.saveUpdate({ position, diagnostics });
      return { kind: 'updated', diagnostics };
    },
  };
}
