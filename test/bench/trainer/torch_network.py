"""A network of an op graph as one writes it in PyTorch: a module a layer."""
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


def tensorflow_padding(pixels, kernel, stride, dilation):
    total = max(0, (-(-pixels // stride) - 1) * stride + (kernel - 1) * dilation + 1 - pixels)
    return total // 2, total - total // 2


class Network(nn.Module):
    """Interprets a graph node by node. Padding is symmetric, or exactly the graph's, which is TensorFlow's rule."""

    def __init__(self, graph, exact_padding=False):
        super().__init__()
        self.exact_padding = exact_padding
        self.nodes, self.output = graph['nodes'], graph['output']
        self.layers = nn.ModuleDict()
        for index, node in enumerate(self.nodes):
            layer = self.layer(node)
            if layer is not None:
                self.layers[str(index)] = layer

    def layer(self, node):
        op = node['op']
        height, width, inputs = self.nodes[node['inputs'][0]]['shape'] if node['inputs'] else (0, 0, 0)
        if op['kind'] == 'convolution':
            padding = [extent // 2 * step for extent, step in zip(op['kernel'], op['dilation'])]
            before = []
            if self.exact_padding:
                (top, bottom), (left, right) = [
                    tensorflow_padding(*axis)
                    for axis in zip((height, width), op['kernel'], op['stride'], op['dilation'])
                ]
                padding = (top, left)
                if (top, left) != (bottom, right):
                    padding, before = 0, [nn.ZeroPad2d((left, right, top, bottom))]
            layer = nn.Conv2d(inputs, op['channels'], op['kernel'], op['stride'], padding, op['dilation'],
                              groups=op['groups'], bias=op['bias'])
            return nn.Sequential(*before, layer) if before else layer
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
