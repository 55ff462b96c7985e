import { formatMs } from '../../../../base/units.ts';
import type { DiagramBlock, DiagramKernel } from '../../../../report/pages/network-diagram.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';

const BOX = { width: 128, height: 46 };
const GAP = { x: 30, y: 14 };

interface Placed {
  readonly kernel: DiagramKernel;
  readonly column: number;
  readonly lane: number;
}

/** The kernels of a layer as boxes, left to right, and which reads which. */
export function KernelGraph({ block }: { readonly block: DiagramBlock }) {
  const placed = place(block.kernels);
  const at = new Map(placed.map((box) => [box.kernel.id, box]));
  const columns = Math.max(...placed.map(({ column }) => column)) + 1;
  const lanes = Math.max(...placed.map(({ lane }) => lane)) + 1;
  const left = (column: number): number => GAP.x + column * (BOX.width + GAP.x);
  const isLong = ({ column }: Placed, input: number): boolean => column - (at.get(input)?.column ?? -1) > 1;
  // Room on top for what goes past boxes.
  const room = placed.some((box) => box.kernel.inputs.some((input) => isLong(box, input)))
    ? BOX.height / 2
    : 0;
  const top = (lane: number): number => room + GAP.y + lane * (BOX.height + GAP.y);
  const width = left(columns) + GAP.x;
  const height = top(lanes) + GAP.y;
  return (
    <ScrollBox label={`kernels of ${block.name}`}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${block.name}: ${textOf(block)}`}
        className="kernels"
      >
        {placed.flatMap((box) =>
          box.kernel.inputs.map((input) => {
            const from = at.get(input);
            return (
              <Edge
                key={`${box.kernel.id} ${input}`}
                from={{
                  x: from === undefined ? GAP.x / 4 : left(from.column) + BOX.width,
                  y: top(from?.lane ?? 0) + BOX.height / 2,
                }}
                to={{ x: left(box.column), y: top(box.lane) + BOX.height / 2 }}
                isLong={isLong(box, input)}
              />
            );
          }),
        )}
        {placed.map(({ kernel, column, lane }) => (
          <g key={kernel.id} transform={`translate(${left(column)},${top(lane)})`}>
            <rect width={BOX.width} height={BOX.height} rx={4} className="box" />
            <text x={7} y={17} className="box-title">
              {kernel.label}
            </text>
            <text x={7} y={29} className="box-note">
              {kernel.output.join('×')}
              {kernel.activation !== null && ` ${kernel.activation}`}
            </text>
            <text x={7} y={41} className="box-note">
              {kernel.ms === null ? '' : formatMs(kernel.ms)}
            </text>
          </g>
        ))}
      </svg>
    </ScrollBox>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function Edge({ from, to, isLong }: { readonly from: Point; readonly to: Point; readonly isLong: boolean }) {
  const middle = (from.x + to.x) / 2;
  // Over the boxes between them, where there are some.
  const over = Math.min(from.y, to.y) - BOX.height / 2 - GAP.y;
  const path = isLong
    ? `M${from.x} ${from.y}C${from.x + GAP.x} ${over} ${from.x + GAP.x} ${over} ${from.x + 2 * GAP.x} ${over}` +
      `H${Math.max(from.x + 2 * GAP.x, to.x - 2 * GAP.x)}C${to.x - GAP.x} ${over} ${to.x - GAP.x} ${over} ${to.x} ${to.y}`
    : `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  return <path d={path} className="edge" />;
}

/** Each behind all that it reads; beside what it shares a column with. */
function place(kernels: readonly DiagramKernel[]): readonly Placed[] {
  const columns = new Map<number, number>();
  const used = new Map<number, number>();
  return kernels.map((kernel) => {
    const column = 1 + Math.max(-1, ...kernel.inputs.map((input) => columns.get(input) ?? -1));
    columns.set(kernel.id, column);
    const lane = used.get(column) ?? 0;
    used.set(column, lane + 1);
    return { kernel, column, lane };
  });
}

function textOf({ kernels }: DiagramBlock): string {
  return kernels.map(({ label }) => label).join(', ');
}
