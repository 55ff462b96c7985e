import { graphCost } from '../graph/cost.ts';
import { type Graph, GraphBuilder, type NodeId } from '../graph/graph.ts';
import { estimateLatency } from '../latency/estimate.ts';
import type { LatencyTable } from '../latency/table.ts';

/**
 * The four guidelines of ShuffleNetV2 (arXiv:1807.11164, section 2) as experiments: layers of about equal
 * multiply-accumulates that differ in one respect. What a device says of them is in its latency table.
 */
export interface Rule {
  readonly name: string;
  readonly statement: string;
  /** The first is the one that the rule says is fastest. */
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly label: string;
  readonly graph: Graph;
}

const SIZE = 28;

function network(channels: number, build: (b: GraphBuilder, x: NodeId) => NodeId): Graph {
  const builder = new GraphBuilder();
  return builder.build(build(builder, builder.input([SIZE, SIZE, channels])));
}

const repeat = (times: number, node: NodeId, layer: (node: NodeId) => NodeId): NodeId =>
  Array.from({ length: times }).reduce<NodeId>(layer, node);

export const RULES: readonly Rule[] = [
  {
    name: 'G1',
    statement: 'equal channel width minimises memory access cost',
    // c₁·c₂ is about the same; a pair of layers leads from c₁ to c₂ and back.
    variants: [
      [64, 64],
      [45, 90],
      [26, 156],
      [18, 226],
    ].map(([narrow = 1, wide = 1]) => ({
      label: `${narrow} to ${wide} channels`,
      graph: network(narrow, (b, x) =>
        b.convolution(b.convolution(x, wide, { bias: true }), narrow, { bias: true }),
      ),
    })),
  },
  {
    name: 'G2',
    statement: 'excessive group convolution increases memory access cost',
    // c²/g is about the same, so more groups have more channels.
    variants: [
      [1, 64],
      [2, 90],
      [4, 128],
      [8, 184],
    ].map(([groups = 1, channels = 1]) => ({
      label: `${groups} group${groups === 1 ? '' : 's'}, ${channels} channels`,
      graph: network(channels, (b, x) => b.convolution(x, channels, { groups, bias: true })),
    })),
  },
  {
    name: 'G3',
    statement: 'network fragmentation reduces the degree of parallelism',
    variants: [
      {
        label: '1 layer',
        graph: network(96, (b, x) => b.convolution(x, 96, { bias: true })),
      },
      {
        label: '2 layers in series',
        graph: network(68, (b, x) => repeat(2, x, (node) => b.convolution(node, 68, { bias: true }))),
      },
      {
        label: '4 layers in series',
        graph: network(48, (b, x) => repeat(4, x, (node) => b.convolution(node, 48, { bias: true }))),
      },
      {
        label: '2 layers side by side, then added',
        graph: network(68, (b, x) =>
          b.add({ kind: 'add' }, [
            b.convolution(x, 68, { bias: true }),
            b.convolution(x, 68, { bias: true }),
          ]),
        ),
      },
      {
        label: '4 layers side by side, then added',
        graph: network(48, (b, x) => {
          const branches = Array.from({ length: 4 }, () => b.convolution(x, 48, { bias: true }));
          return branches.reduce((sum, branch) => b.add({ kind: 'add' }, [sum, branch]));
        }),
      },
    ],
  },
  {
    name: 'G4',
    statement: 'element-wise operations are not negligible',
    variants: [
      { label: 'bottleneck', relu: false, shortcut: false },
      { label: 'with hard-swish', relu: true, shortcut: false },
      { label: 'with shortcut', relu: false, shortcut: true },
      { label: 'with both', relu: true, shortcut: true },
    ].map(({ label, relu, shortcut }) => ({
      label,
      graph: network(64, (b, x) => {
        const activate = (node: NodeId): NodeId => (relu ? b.activation(node, 'hswish') : node);
        let node = activate(b.convolution(x, 32, { bias: true }));
        node = activate(b.convolution(node, 32, { kernel: 3, groups: 32, bias: true }));
        node = b.convolution(node, 64, { bias: true });
        return shortcut ? b.add({ kind: 'add' }, [x, node]) : node;
      }),
    })),
  },
];

/** What a table says of one variant of a rule. */
export interface RuleFinding {
  readonly label: string;
  readonly macs: number;
  /** Sum of its kernels. */
  readonly ms: number;
  /** Time a multiply-accumulate, against that of the first variant. */
  readonly relative: number;
}

/** What a table that has the kernels of a rule says of it. */
export function examineRule({ variants }: Rule, table: LatencyTable): readonly RuleFinding[] {
  const findings = variants.map(({ label, graph }) => {
    const { kernels } = estimateLatency(graph, table);
    return { label, macs: graphCost(graph).macs, ms: kernels.reduce((sum, { ms }) => sum + ms, 0) };
  });
  const [first] = findings;
  const pace = first === undefined ? 1 : first.ms / first.macs;
  return findings.map((finding) => ({ ...finding, relative: finding.ms / finding.macs / pace }));
}
