import type { ReactNode, Ref } from 'react';

interface ScrollBoxProps {
  /** What is in it, for screen readers. */
  readonly label: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** Something that may be wider than the page, and is then moved sideways: by keyboard too. */
export function ScrollBox({ label, ref, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="scroll-box" aria-label={label} tabIndex={0} ref={ref}>
      {children}
    </section>
  );
}
