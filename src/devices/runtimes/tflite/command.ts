/** How a model is run. */
export interface BenchmarkCommand {
  /** Of `benchmark_model`, where it runs. */
  readonly program: string;
  /** Of a .tflite file, where it runs. */
  readonly model: string;
  readonly threads: number;
  readonly core?: number | undefined;
}

/** Runs that are timed at least; ... */
const RUNS = 10;
/** ... more where they are short: single ones are disturbed, and the program takes longer to start. */
const SECONDS = 0.1;
/** Long enough for a clock to rise that fell while nothing ran. */
const WARM_UP_SECONDS = 0.05;
/** Of each of the two phases; the run under way is finished. */
const MAXIMUM_SECONDS = 10;

/**
 * The command that loads a model and times some runs of it. `benchmark_model` has no flag for a core, so `taskset`
 * puts it on one: by a mask, which is the form that Android's, BusyBox's and util-linux's all take.
 */
export function benchmarkCommand({
  program,
  model,
  threads,
  core,
}: BenchmarkCommand): readonly [string, ...string[]] {
  const flags = [
    `--graph=${model}`,
    `--num_threads=${threads}`,
    '--use_xnnpack=true',
    '--warmup_runs=1',
    `--warmup_min_secs=${WARM_UP_SECONDS}`,
    `--num_runs=${RUNS}`,
    `--min_secs=${SECONDS}`,
    `--max_secs=${MAXIMUM_SECONDS}`,
  ];
  if (core === undefined) return [program, ...flags];
  return ['taskset', (1n << BigInt(core)).toString(16), program, ...flags];
}

/** Flags without which the times are of something else. */
export const NEEDED_FLAGS: readonly string[] = ['--graph', '--num_threads'];
