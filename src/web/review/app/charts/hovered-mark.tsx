import { type ReactNode, useState } from 'react';
import type { Scales } from './chart.tsx';

/** Something drawn at a place that tells of itself. */
export interface Mark {
  readonly id: string;
  /** Values, not pixels. */
  readonly x: number;
  readonly y: number;
  readonly text: () => ReactNode;
  /** Where a click leads, if anywhere. */
  readonly address?: () => string | undefined;
}

/** How near the pointer must be, in pixels. */
const REACH = 24;

export interface Hovering {
  readonly mark: Mark | undefined;
  set(mark: Mark | undefined): void;
}

export function useHovering(): Hovering {
  const [mark, set] = useState<Mark>();
  return { mark, set };
}

interface HoverAreaProps {
  readonly marks: readonly Mark[];
  readonly scales: Scales;
  readonly hovering: Hovering;
}

/** Finds the mark that is nearest to the pointer. Lies below what takes the pointer itself. */
export function HoverArea({ marks, scales, hovering }: HoverAreaProps) {
  const nearest = (clientX: number, clientY: number, area: Element): Mark | undefined => {
    const box = area.getBoundingClientRect();
    let found: Mark | undefined;
    let least = REACH ** 2;
    for (const mark of marks) {
      const distance =
        (scales.x(mark.x) - (clientX - box.left)) ** 2 + (scales.y(mark.y) - (clientY - box.top)) ** 2;
      if (distance < least) [found, least] = [mark, distance];
    }
    return found;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it offers a pointer, links and tables offer a keyboard.
    <rect
      className={hovering.mark?.address?.() === undefined ? 'hover-area' : 'hover-area leads'}
      width={scales.width}
      height={scales.height}
      onPointerMove={(event) => hovering.set(nearest(event.clientX, event.clientY, event.currentTarget))}
      onPointerLeave={() => hovering.set(undefined)}
      onClick={(event) => {
        const address = nearest(event.clientX, event.clientY, event.currentTarget)?.address?.();
        if (address !== undefined) location.hash = address;
      }}
    />
  );
}

/** What the mark under the pointer, or with the focus, tells. `scales` are of the whole drawing. */
export function MarkTip({ mark, scales }: { readonly mark: Mark | undefined; readonly scales: Scales }) {
  if (mark === undefined) return null;
  const [left, top] = [scales.x(mark.x), scales.y(mark.y)];
  const isRight = left > scales.width / 2;
  return (
    <div className={`tip ${isRight ? 'tip-left' : 'tip-right'}`} style={{ left, top }}>
      {mark.text()}
    </div>
  );
}
