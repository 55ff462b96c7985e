import { type ReactNode, useContext } from 'react';
import type { PageKey } from '../../../../report/pages/page-key.ts';
import { addressOf } from '../route.ts';
import { SourceContext } from '../source/source.ts';

interface PageLinkProps {
  readonly to: PageKey;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A link to a page; in a report that has no such page, its text. */
export function PageLink({ to, className, children }: PageLinkProps) {
  const { has } = useContext(SourceContext);
  if (!has(to)) return <span className={className}>{children}</span>;
  return (
    <a href={addressOf(to)} className={className}>
      {children}
    </a>
  );
}

/** `r1/17`, as a link to the trial. */
export function TrialLink({ run, trial }: { readonly run: string; readonly trial: number }) {
  return (
    <PageLink to={{ page: 'trial', run, trial }}>
      {run}/{trial}
    </PageLink>
  );
}
