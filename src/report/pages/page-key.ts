/** What a page is of. It stands in the page's address, in what is asked of the server, and in a report. */
export type PageKey =
  | { readonly page: 'runs' }
  | {
      readonly page: 'run' | 'decisions' | 'references' | 'table-of-run';
      readonly run: string;
      readonly device: number;
    }
  | { readonly page: 'trial'; readonly run: string; readonly trial: number }
  | { readonly page: 'comparison'; readonly runs: readonly string[] }
  | { readonly page: 'adaptation'; readonly adaptation: string }
  | { readonly page: 'tables' }
  | { readonly page: 'table'; readonly table: string };

const RUN = '(r[1-9]\\d{0,8})';
const DEVICE = '(?:/devices/(\\d{1,3}))?';

const FORMS: readonly (readonly [RegExp, (...parts: readonly string[]) => PageKey])[] = [
  [/^runs$/, () => ({ page: 'runs' })],
  ...(['run', 'decisions', 'references', 'table-of-run'] as const).map((page): (typeof FORMS)[number] => [
    new RegExp(
      `^runs/${RUN}${DEVICE}${page === 'run' ? '' : `/${page === 'table-of-run' ? 'table' : page}`}$`,
    ),
    (run = '', device = '0') => ({ page, run, device: Number(device) }),
  ]),
  [
    new RegExp(`^runs/${RUN}/trials/(\\d{1,9})$`),
    (run = '', trial = '') => ({ page: 'trial', run, trial: Number(trial) }),
  ],
  [
    new RegExp(`^compare/(${RUN}(?:,r[1-9]\\d{0,8}){1,7})$`),
    (runs = '') => ({ page: 'comparison', runs: runs.split(',') }),
  ],
  [/^adaptations\/(a[1-9]\d{0,8})$/, (adaptation = '') => ({ page: 'adaptation', adaptation })],
  [/^tables$/, () => ({ page: 'tables' })],
  [/^tables\/([a-z0-9-]{1,100}\/[A-Za-z0-9_-]{1,100})$/, (table = '') => ({ page: 'table', table })],
];

/** The page of an address; `undefined` of anything that is not exactly one. */
export function parsePageKey(text: string): PageKey | undefined {
  for (const [form, read] of FORMS) {
    const match = form.exec(text);
    if (match !== null) return read(...match.slice(1));
  }
  return undefined;
}

/** `parsePageKey` reads it back. */
export function printPageKey(key: PageKey): string {
  switch (key.page) {
    case 'runs':
    case 'tables':
      return key.page;
    case 'run':
      return `runs/${key.run}${onDevice(key.device)}`;
    case 'decisions':
    case 'references':
      return `runs/${key.run}${onDevice(key.device)}/${key.page}`;
    case 'table-of-run':
      return `runs/${key.run}${onDevice(key.device)}/table`;
    case 'trial':
      return `runs/${key.run}/trials/${key.trial}`;
    case 'comparison':
      return `compare/${key.runs.join()}`;
    case 'adaptation':
      return `adaptations/${key.adaptation}`;
    case 'table':
      return `tables/${key.table}`;
  }
}

function onDevice(device: number): string {
  return device === 0 ? '' : `/devices/${device}`;
}
