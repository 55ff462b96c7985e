import type { Page } from './page-messages.ts';

export interface DescribedPage {
  /** The model, or else its system and browser. */
  readonly name: string;
  /** What stands for the processor, which no browser names: the phone's model, or what it is, and its cores. */
  readonly processor: string;
  readonly operatingSystem: string;
  readonly browser: string;
}

type Pattern = readonly [pattern: RegExp, name: string];

/** The first that matches counts: every browser also says that it is most others. */
const BROWSERS: readonly Pattern[] = [
  [/SamsungBrowser\/([\d.]+)/, 'Samsung Internet'],
  [/(?:Edg|EdgA|EdgiOS)\/([\d.]+)/, 'Edge'],
  [/OPR\/([\d.]+)/, 'Opera'],
  [/(?:Firefox|FxiOS)\/([\d.]+)/, 'Firefox'],
  [/CriOS\/([\d.]+)/, 'Chrome'],
  [/(?:HeadlessChrome|Chrome)\/([\d.]+)/, 'Chrome'],
  [/Version\/([\d.]+).*Safari\//, 'Safari'],
];

const SYSTEMS: readonly Pattern[] = [
  [/iPhone OS ([\d_]+)/, 'iOS'],
  [/iPad; CPU OS ([\d_]+)/, 'iPadOS'],
  [/Android ([\d.]+)/, 'Android'],
  [/Mac OS X ([\d_.]+)/, 'macOS'],
  [/Windows NT ([\d.]+)/, 'Windows'],
  [/CrOS \S+ ([\d.]+)/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** What Chrome says in place of a model since it says no model, and of a version: see "user agent reduction". */
const REDUCED_MODEL = 'K';

/** Reads who a page is from what its browser tells, which is little and, in a user agent, half of it made up. */
export function describePage(page: Page): DescribedPage {
  const { userAgent, platform, platformVersion, model, cores } = page;
  const told = match(SYSTEMS, userAgent);
  const system = platform === '' ? told : [platform, platformVersion].filter(Boolean).join(' ');
  const operatingSystem = system ?? 'unknown system';
  const browser = match(BROWSERS, userAgent) ?? 'unknown browser';
  const family = operatingSystem.split(' ')[0] ?? '';
  const known = model || modelOf(userAgent);
  const machine = known ?? `${family} ${browser.replace(/ [\d.]+$/, '')}`;
  return {
    name: machine,
    processor: `${known ?? 'unknown processor'} (${cores} cores)`,
    operatingSystem: `${operatingSystem}, ${browser}`,
    browser,
  };
}

function match(patterns: readonly Pattern[], userAgent: string): string | undefined {
  for (const [pattern, name] of patterns) {
    const found = pattern.exec(userAgent);
    if (found !== null) return [name, found[1]?.replaceAll('_', '.')].filter(Boolean).join(' ');
  }
  return undefined;
}

/** The model in a user agent: `iPhone`, `iPad`, or what stands behind the version of Android. */
function modelOf(userAgent: string): string | undefined {
  const apple = /\((iPhone|iPad)/.exec(userAgent)?.[1];
  const android = /Android [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?([^;)]+?)(?: Build\/[^;)]*)?[;)]/i.exec(
    userAgent,
  )?.[1];
  const model = apple ?? android;
  return model === REDUCED_MODEL || model === 'Mobile' || model?.startsWith('rv:') ? undefined : model;
}
