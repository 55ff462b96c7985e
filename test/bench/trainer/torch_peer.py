"""Trains the same op graph in PyTorch for main.mjs: a line of JSON in, a line of JSON out.

Settings that are best for it on one thread: channels last, in-place activations, flushed denormals. Padding is
symmetric, which spares it the separate padding step that TensorFlow's rule would need; the work is the same.
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVATIONS = {
    'relu': lambda x: F.relu(x, inplace=True),
    'relu6': lambda x: F.relu6(x, inplace=True),
    'hswish': lambda x: F.hardswish(x, inplace=True),
    'hsigmoid': lambda x: F.hardsigmoid(x, inplace=True),
    'sigmoid': torch.sigmoid,
    'swish': lambda x: F.silu(x, inplace=True),
}


class Network(nn.Module):
    """Interprets a graph node by node."""

    def __init__(self, graph):
        super().__init__()
        self.nodes, self.output = graph['nodes'], graph['output']
        self.layers = nn.ModuleDict()
        for index, node in enumerate(self.nodes):
            layer = self.layer(node)
            if layer is not None:
                self.layers[str(index)] = layer

    def layer(self, node):
        op = node['op']
        inputs = self.nodes[node['inputs'][0]]['shape'][2] if node['inputs'] else 0
        if op['kind'] == 'convolution':
            padding = [extent // 2 * step for extent, step in zip(op['kernel'], op['dilation'])]
            return nn.Conv2d(inputs, op['channels'], op['kernel'], op['stride'], padding, op['dilation'],
                             groups=op['groups'], bias=op['bias'])
        if op['kind'] == 'linear':
            return nn.Linear(inputs, op['channels'], bias=op['bias'])
        if op['kind'] == 'batch-norm':
            return nn.BatchNorm2d(inputs)
        return None

    def forward(self, images):
        values = []
        for index, node in enumerate(self.nodes):
            op, arguments = node['op'], [values[i] for i in node['inputs']]
            kind = op['kind']
            if kind == 'input':
                values.append(images)
            elif kind == 'linear':
                values.append(self.layers[str(index)](arguments[0].flatten(1)))
            elif str(index) in self.layers:
                values.append(self.layers[str(index)](arguments[0]))
            elif kind == 'activation':
                values.append(ACTIVATIONS[op['function']](arguments[0]))
            elif kind == 'add':
                values.append(arguments[0] + arguments[1])
            elif kind == 'multiply':
                values.append(arguments[0] * arguments[1])
            elif kind == 'global-average-pool':
                values.append(arguments[0].mean((2, 3), keepdim=True))
            else:
                raise NotImplementedError(kind)
        return values[self.output]


def prepare(graph, batch):
    network = Network(graph).to(memory_format=torch.channels_last)
    height, width, channels = graph['nodes'][0]['shape']
    images = torch.randn(batch, channels, height, width).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch) % graph['nodes'][graph['output']]['shape'][2]
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        loss = F.cross_entropy(network(images), labels, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def answer(reply):
    print(json.dumps(reply), flush=True)


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    answer({'version': torch.__version__})
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        if 'graph' in request:
            step = prepare(request['graph'], int(sys.argv[1]))
            answer({})
            continue
        # Of the whole process, whichever of its threads does the work.
        start = time.process_time()
        for _ in range(request['steps']):
            step()
        answer({'seconds': time.process_time() - start})


main()
