import { inputNote, type Normalisation } from '../normalisation.ts';
import type { TrainedNetwork } from '../trained-network.ts';
import { HELPERS } from './helpers.ts';
import { layerCode } from './layer-class.ts';
import type { NetworkLayer } from './layers.ts';

/** The text of a Python module: a class for each different layer, the network of them, and a reader of its weights. */
export function moduleText(
  { name, graph, images }: TrainedNetwork,
  layers: readonly NetworkLayer[],
  weights: string,
): string {
  const [height, width, channels] = graph.nodes[0]?.shape ?? [0, 0, 0];
  const output = graph.nodes[graph.output]?.shape ?? [0, 0, 0];
  const isClassifier = output[0] === 1 && output[1] === 1;
  const codes = layers.map((layer) => layerCode(graph, layer));
  const helpers = [...new Set(codes.flatMap((code) => code.helpers))].sort();
  const classOf = new Map<string, string>();
  layers.forEach((layer, i) => {
    const { text } = codes[i] ?? { text: '' };
    if (!classOf.has(text)) classOf.set(text, className(layer));
  });
  const classes = [...classOf].map(([text, title]) => `class ${title}(nn.Module):\n${text}`);
  const members = layers.map(
    (layer, i) => `        self.${layer.name} = ${classOf.get(codes[i]?.text ?? '')}()`,
  );
  const steps = layers.map((layer) => `        x = self.${layer.name}(x)`);
  const made = isClassifier ? `[batch, ${output[2]}]` : `[batch, ${output[2]}, ${output[0]}, ${output[1]}]`;
  const normalisation = images.values === 'normalised' ? images.normalisation : undefined;
  const taken = images.values === 'pixels' ? 'pixels from 0 to 255' : 'normalised as in training';
  const network = [
    'class Network(nn.Module):',
    `    """From images [batch, ${channels}, ${height}, ${width}], ${taken}, to ${made}."""`,
    '',
    '    def __init__(self):',
    '        super().__init__()',
    ...members,
    '',
    '    def forward(self, x):',
    ...steps,
    `        return ${isClassifier ? 'x.flatten(1)' : 'x'}`,
  ].join('\n');
  const parts = [
    ...(normalisation === undefined ? [] : [normaliser(normalisation)]),
    ...[...helpers.map((helper) => HELPERS[helper]), ...classes, network, loader(weights)],
  ];
  const argument = normalisation === undefined ? 'images' : 'normalise(pixels)';
  return `${header(name, argument, inputNote(images))}\n\n\n${parts.join('\n\n\n')}\n`;
}

/** `stage3_layer1` to `Stage3Layer1`. */
function className({ name }: NetworkLayer): string {
  return name
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function header(name: string, argument: string, images: string): string {
  return `"""
${name}, written by nas export. Needs PyTorch alone.

    network = load()
    logits = network(${argument})

${wrapped(`Images: ${images}.`)}
"""
import json
import struct
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn`;
}

/** Words in lines of at most 100 characters. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{1,100})(?:\s|$)/g, '$1\n').trimEnd();
}

function normaliser({ mean, standardDeviation }: Normalisation): string {
  return `# Of the training images, channel by channel, of pixels from 0 to 255.
MEAN = [${mean.join(', ')}]
STANDARD_DEVIATION = [${standardDeviation.join(', ')}]


def normalise(pixels):
    """Images [batch, channels, height, width] of pixels from 0 to 255, as the network has seen them in training."""
    mean = torch.tensor(MEAN, device=pixels.device).reshape(1, -1, 1, 1)
    return (pixels - mean) / torch.tensor(STANDARD_DEVIATION, device=pixels.device).reshape(1, -1, 1, 1)`;
}

function loader(weights: string): string {
  return `def read_safetensors(path):
    """Tensors by name: after 8 bytes of the header's length come the header, as JSON, and float32 values."""
    data = Path(path).read_bytes()
    start = 8 + struct.unpack_from('<Q', data)[0]
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == '__metadata__':
            continue
        first, last = entry['data_offsets']
        values = torch.frombuffer(bytearray(data[start + first:start + last]), dtype=torch.float32)
        tensors[name] = values.reshape(entry['shape'])
    return tensors


def load(path=Path(__file__).with_name(${JSON.stringify(weights)})):
    """The network with the weights of a file, in evaluation: batch-norm goes by its running statistics."""
    network = Network()
    network.load_state_dict(read_safetensors(path))
    return network.eval()`;
}
