import { useContext, useEffect, useRef, useState } from 'react';
import type { PageKey } from '../../../report/pages/page-key.ts';
import { AdaptationView } from './pages/adaptation-view.tsx';
import { ComparisonView } from './pages/comparison-view.tsx';
import { RunView } from './pages/run-view.tsx';
import { RunsView } from './pages/runs-view.tsx';
import { TableOfRunView, TableView } from './pages/table-view.tsx';
import { TablesView } from './pages/tables-view.tsx';
import { TrialView } from './pages/trial-view.tsx';
import { PageLink } from './parts/page-link.tsx';
import { RefusalNote } from './parts/refusal-note.tsx';
import { useRoute } from './route.ts';
import { SourceContext } from './source/source.ts';

/** The frame of all pages, and the one that the address names. */
export function App() {
  const { report, enter } = useContext(SourceContext);
  const { path, key, query } = useRoute(report?.home ?? 'runs');
  const token = /^enter\/([\w-]{1,64})$/.exec(path)?.[1];
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const [isRefused, setRefused] = useState(false);

  useEffect(() => {
    if (token === undefined) return;
    // Out of the address, so that it is not passed on with a link to a page.
    enter(token).then(
      (isWelcome) => (isWelcome ? location.replace('#/') : setRefused(true)),
      () => setRefused(true),
    );
  }, [token, enter]);

  useEffect(() => {
    document.title = `${key === undefined ? 'nas' : titleOf(key)} · nas`;
    // A new page is read from its beginning, by eye and by screen reader.
    if (shown.current !== path) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown.current = path;
  }, [path, key]);

  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header className="top">
        <nav aria-label="Pages">
          <PageLink to={{ page: 'runs' }} className="name">
            nas
          </PageLink>
          <PageLink to={{ page: 'runs' }}>runs</PageLink>
          <PageLink to={{ page: 'tables' }}>tables</PageLink>
        </nav>
        {report !== undefined && (
          <p className="made">
            {report.title}, as of {report.madeAt.slice(0, 16).replace('T', ' ')} UTC
          </p>
        )}
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {token !== undefined ? (
          isRefused ? (
            <RefusalNote
              refusal={{
                where: 'nas ui',
                found: 'another token than that of this server',
                next: 'open the address it printed',
              }}
            />
          ) : (
            <p>Entering…</p>
          )
        ) : key === undefined ? (
          <RefusalNote
            refusal={{ where: path, found: 'no page of that address', expected: 'a run, a trial or a table' }}
          />
        ) : (
          // Of another page nothing is kept, not even what was typed.
          <Page key={path} of={key} query={query} />
        )}
      </main>
    </>
  );
}

function Page({ of: key, query }: { readonly of: PageKey; readonly query: URLSearchParams }) {
  switch (key.page) {
    case 'runs':
      return <RunsView />;
    case 'run':
    case 'decisions':
    case 'references':
      return <RunView run={key.run} device={key.device} />;
    case 'trial':
      return <TrialView run={key.run} trial={key.trial} />;
    case 'comparison':
      return <ComparisonView runs={key.runs} targetMs={Number(query.get('target')) || undefined} />;
    case 'adaptation':
      return <AdaptationView adaptation={key.adaptation} />;
    case 'tables':
      return <TablesView />;
    case 'table':
      return <TableView table={key.table} />;
    case 'table-of-run':
      return <TableOfRunView run={key.run} device={key.device} />;
  }
}

function titleOf(key: PageKey): string {
  switch (key.page) {
    case 'runs':
    case 'tables':
      return key.page;
    case 'trial':
      return `${key.run}/${key.trial}`;
    case 'comparison':
      return key.runs.join(' and ');
    case 'adaptation':
      return key.adaptation;
    case 'table':
      return key.table;
    case 'table-of-run':
      return `table of ${key.run}`;
    case 'run':
    case 'decisions':
    case 'references':
      return key.run;
  }
}
