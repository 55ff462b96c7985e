import { type ReactNode, useId } from 'react';

interface SectionProps {
  readonly title: string;
  /** What the section says, in a sentence. */
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading, which is a landmark for screen readers. */
export function Section({ title, lead, children }: SectionProps) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {children}
    </section>
  );
}
