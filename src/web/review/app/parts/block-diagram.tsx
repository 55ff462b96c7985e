import { formatCount, formatMs, formatPercent } from '../../../../base/units.ts';
import type { DiagramBlock, NetworkDiagram } from '../../../../report/pages/network-diagram.ts';
import { KernelGraph } from '../charts/kernel-graph.tsx';
import { saveCsv } from './save-file.ts';

interface BlockDiagramProps {
  readonly name: string;
  readonly diagram: NetworkDiagram;
}

/** A network from its image down: each layer with its shapes, and its parts of the milliseconds and the MACs. */
export function BlockDiagram({ name, diagram: { input, blocks, macs } }: BlockDiagramProps) {
  const latencyMs = blocks.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const most = {
    ms: Math.max(...blocks.map(({ ms }) => ms ?? 0), Number.MIN_VALUE),
    macs: Math.max(...blocks.map((block) => block.macs), 1),
  };
  return (
    <>
      <div className="legend">
        <span className="key key-ms">estimated time</span>
        <span className="key key-macs">multiply-accumulates</span>
        <span className="quiet">open a layer for its kernels</span>
      </div>
      <ol className="blocks">
        <li className="image">image {input.join('×')}</li>
        {blocks.map((block) => (
          <li key={block.name}>
            <BlockRow block={block} whole={{ ms: latencyMs, macs }} most={most} />
          </li>
        ))}
      </ol>
      <p className="tools">
        <button
          type="button"
          aria-label={`${name} layers as CSV`}
          onClick={() =>
            saveCsv(`${name} layers`, [
              ['layer', 'type', 'input', 'output', 'ms', 'macs', 'params'],
              ...blocks.map((block) => [
                ...[block.name, block.type, block.input.join('x'), block.output.join('x')],
                ...[block.ms ?? '', block.macs, block.params].map(String),
              ]),
            ])
          }
        >
          CSV
        </button>
      </p>
    </>
  );
}

interface Parts {
  readonly ms: number;
  readonly macs: number;
}

interface BlockRowProps {
  readonly block: DiagramBlock;
  readonly whole: Parts;
  /** Of any block. */
  readonly most: Parts;
}

function BlockRow({ block, whole, most }: BlockRowProps) {
  const { name, type, input, output, ms, macs, params } = block;
  return (
    <details>
      <summary>
        <span className="block-name">
          <b>{name.replace('stages.', '')}</b> {type}
        </span>
        <span className="block-shape">
          {input.join('×')} → {output.join('×')}
        </span>
        <span className="block-part">
          <Bar className="bar-ms" part={(ms ?? 0) / most.ms} />
          {ms === null ? 'not in the table' : `${formatMs(ms)}, ${formatPercent(ms / (whole.ms || 1))}`}
        </span>
        <span className="block-part">
          <Bar className="bar-macs" part={macs / most.macs} />
          {formatCount(macs)}, {formatPercent(macs / (whole.macs || 1))}
        </span>
      </summary>
      <KernelGraph block={block} />
      <p className="quiet">{formatCount(params)} params</p>
    </details>
  );
}

function Bar({ className, part }: { readonly className: string; readonly part: number }) {
  return (
    <svg className={`bar ${className}`} width="100%" height="6" aria-hidden="true">
      <rect width={`${(100 * part).toFixed(1)}%`} height="6" />
    </svg>
  );
}
