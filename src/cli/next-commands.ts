/**
 * Options that name a run's device again, as the run's config has it: `--device adb:X --runtime xnnpack`. Empty for
 * this machine as it is used without options.
 */
export function deviceArguments(device: unknown): string {
  const asked = (typeof device === 'object' && device !== null ? device : {}) as Readonly<
    Record<string, unknown>
  >;
  const defaults: Readonly<Record<string, unknown>> = { device: 'local', dtype: 'float32', threads: 1 };
  const options: Readonly<Record<string, string>> = {
    device: '--device',
    runtime: '--runtime',
    benchmarkModel: '--benchmark-model',
    dtype: '--dtype',
    threads: '--threads',
    core: '--core',
  };
  return Object.entries(options)
    .filter(([field]) => asked[field] !== undefined && asked[field] !== defaults[field])
    .map(([field, option]) => ` ${option} ${asked[field]}`)
    .join('');
}

/** Commands for people, each with what it is for, below a heading. */
export function commandLines(commands: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...commands.map(([command]) => command.length));
  return ['next:', ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`)].join('\n');
}
