"""A network out of an op graph."""
import torch

from . import operations
from .errors import Refused

# Makers of tensors that their own gradients do not need.
OVERWRITABLE = ('convolution', 'batch-norm', 'linear')


class Mode:
    """What batch-norm goes by: the batch in training, its running statistics otherwise."""

    def __init__(self):
        self.training = True
        # The weight of this batch in the running statistics.
        self.statistics_momentum = 0.1


class Network(torch.nn.Module):
    """
    Interprets a graph node by node: images [batch, channels, height, width], channels last in memory, to logits
    [batch, classes]. Its parameters are views into a ParameterStore.
    """

    def __init__(self, graph, store):
        super().__init__()
        self.mode = Mode()
        nodes = graph['nodes']
        self._output = graph['output']
        self._parameters_of = [{} for _ in nodes]
        self.learnt = {}
        for spec in store.specs:
            values = store.view(spec)
            if spec.run != 'statistics':
                values = self.learnt[spec.name] = torch.nn.Parameter(values)
                self.register_parameter(spec.name.replace('.', '_').replace('-', '_'), values)
            self._parameters_of[spec.node][spec.role] = values
        readers = [0] * len(nodes)
        last_reader = list(range(len(nodes)))
        for id, node in enumerate(nodes):
            for source in node['inputs']:
                if not 0 <= source < id:
                    raise Refused('node %s reads node %d' % (node['name'], source), 'nodes before it')
                readers[source] += 1
                last_reader[source] = id
        readers[self._output] += 1
        last_reader[self._output] = len(nodes)
        self._steps = [
            (
                id,
                self._operation(nodes, id, readers),
                tuple(node['inputs']),
                tuple({source for source in node['inputs'] if last_reader[source] == id}),
            )
            for id, node in enumerate(nodes)
            if node['op']['kind'] != 'input'
        ]

    def _operation(self, nodes, id, readers):
        node = nodes[id]
        op, kind, parameters = node['op'], node['op']['kind'], self._parameters_of[id]
        source = node['inputs'][0]
        shape = nodes[source]['shape']
        if kind == 'convolution':
            return operations.convolution(op, shape, parameters)
        if kind == 'linear':
            return operations.linear(op, shape, parameters)
        if kind == 'batch-norm':
            return operations.batch_norm(parameters, self.mode)
        if kind == 'activation':
            may_overwrite = readers[source] == 1 and nodes[source]['op']['kind'] in OVERWRITABLE
            return operations.activation(op, parameters, may_overwrite)
        if kind == 'pool':
            return operations.pool(op, shape)
        if kind == 'channel-split':
            return operations.channel_split(op)
        if kind == 'channel-shuffle':
            return operations.channel_shuffle(op)
        if kind == 'add':
            return torch.add
        if kind == 'multiply':
            return torch.mul
        if kind == 'concat':
            return lambda *parts: torch.cat(parts, 1)
        if kind == 'global-average-pool':
            return operations.global_average_pool
        raise Refused("node %s is of kind '%s'" % (node['name'], kind), 'an op that this version of nas knows')

    def forward(self, images):
        values = {0: images}
        for id, operation, sources, finished in self._steps:
            values[id] = operation(*[values[source] for source in sources])
            for source in finished:
                del values[source]
        return values[self._output].flatten(1)
