/** Where a label would stand best: its first or last character's place, in pixels. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

/** Of a label's letters, about. */
const LETTER = { width: 6.2, height: 11 };

/** The same labels, each as far below its place as it needs to hide none before it. */
export function labelPlaces(labels: readonly Label[]): readonly Label[] {
  const placed: Label[] = [];
  for (const label of labels) {
    let { y } = label;
    while (placed.some((other) => areOver({ ...label, y }, other))) y += LETTER.height / 2;
    placed.push({ ...label, y });
  }
  return placed;
}

function areOver(a: Label, b: Label): boolean {
  const [[aLeft, aRight], [bLeft, bRight]] = [spanOf(a), spanOf(b)];
  return Math.abs(a.y - b.y) < LETTER.height && aLeft < bRight && bLeft < aRight;
}

function spanOf({ text, x, anchor }: Label): readonly [number, number] {
  const width = LETTER.width * text.length;
  return anchor === 'start' ? [x, x + width] : [x - width, x];
}
