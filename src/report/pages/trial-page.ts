import type { explanationDocument } from '../explanation.ts';
import type { TrialDocument } from '../trial-document.ts';
import type { NetworkDiagram } from './network-diagram.ts';
import type { NextCommand } from './run-page.ts';

/** All of a trial: what `nas show --json` and `nas explain --json` print, and the network as a drawing. */
export interface TrialPage {
  readonly reference: string;
  readonly trial: TrialDocument;
  /** In which nine of ten such estimates are; `null` where nothing tells. */
  readonly intervalMs: readonly [number, number] | null;
  readonly devices: readonly string[];
  /** Whose accuracies have a standard error by it. */
  readonly validationImages: number | null;
  readonly explanation: ReturnType<typeof explanationDocument>;
  readonly diagram: NetworkDiagram;
  readonly next: readonly NextCommand[];
  /** What the accuracy is worth. */
  readonly notes: readonly string[];
}
