"""The parameters of a network: what there is, where it lies, and how it is written in files."""
import torch

# A vector of four floats: parameters begin at multiples of it.
ALIGNMENT = 4


class Spec:
    """
    One parameter. Its dimensions are the logical ones that files have: [kh, kw, inputs / groups, outputs],
    [inputs, outputs] or [channels].
    """

    def __init__(self, node, role, dimensions):
        self.node = node
        self.role = role
        self.dimensions = tuple(dimensions)
        self.name = '%d.%s' % (node, role)
        self.floats = 1
        for size in dimensions:
            self.floats *= size

    @property
    def run(self):
        """Which parameters it is updated with: weights decay, statistics are not learnt."""
        if self.role == 'weight':
            return 'weights'
        return 'statistics' if self.role.startswith('running-') else 'others'


def specs_of(graph):
    """The parameters of a graph, node by node."""
    nodes = graph['nodes']
    specs = []
    for id, node in enumerate(nodes):
        op, channels = node['op'], node['shape'][2]
        inputs = nodes[node['inputs'][0]]['shape'][2] if node['inputs'] else 0
        if op['kind'] == 'convolution':
            specs.append(Spec(id, 'weight', [*op['kernel'], inputs // op['groups'], channels]))
        elif op['kind'] == 'linear':
            specs.append(Spec(id, 'weight', [inputs, channels]))
        elif op['kind'] == 'batch-norm':
            specs += [Spec(id, role, [channels]) for role in ('scale', 'shift', 'running-mean', 'running-variance')]
        elif op['kind'] == 'activation' and op['function'] == 'prelu':
            specs.append(Spec(id, 'slope', [channels]))
        if op.get('bias'):
            specs.append(Spec(id, 'bias', [channels]))
    return specs


def from_file_order(values):
    """From the dimensions of files to those of PyTorch: outputs first."""
    if values.dim() == 4:
        return values.permute(3, 2, 0, 1)
    return values.t() if values.dim() == 2 else values


def to_file_order(values):
    if values.dim() == 4:
        return values.permute(2, 3, 1, 0)
    return values.t() if values.dim() == 2 else values


class Run:
    """Parameters that are updated alike, one after the other in one tensor, so that an update is a few operations."""

    def __init__(self, specs, device):
        self.specs = specs
        self.offsets = {}
        floats = 0
        for spec in specs:
            self.offsets[spec.name] = floats
            floats += -(-spec.floats // ALIGNMENT) * ALIGNMENT
        self.floats = floats
        self.values = torch.zeros(floats, device=device)
        self._zeros = torch.zeros(ALIGNMENT, device=device)

    def view(self, spec, of=None):
        """A parameter as PyTorch wants it, channels last in memory; of another tensor of this layout, if given."""
        start = self.offsets[spec.name]
        flat = (self.values if of is None else of)[start : start + spec.floats]
        if len(spec.dimensions) == 4:
            height, width, inputs, outputs = spec.dimensions
            return flat.view(outputs, height, width, inputs).permute(0, 3, 1, 2)
        return flat.view(tuple(reversed(spec.dimensions)))

    def gather(self, gradients):
        """One tensor of this layout out of the gradients of all parameters, by name; zeros where there is none."""
        parts = []
        for spec in self.specs:
            gradient = gradients[spec.name]
            if gradient is None:
                gradient = torch.zeros_like(self.view(spec))
            if gradient.dim() == 4:
                gradient = gradient.permute(0, 2, 3, 1)
            parts.append(gradient.reshape(-1))
            if spec.floats % ALIGNMENT != 0:
                parts.append(self._zeros[: -spec.floats % ALIGNMENT])
        return torch.cat(parts) if parts else torch.zeros_like(self.values)


class ParameterStore:
    """All parameters of a network, and others of the same layout: velocities, averages."""

    def __init__(self, graph, device):
        self.specs = specs_of(graph)
        self.runs = {
            name: Run([spec for spec in self.specs if spec.run == name], device)
            for name in ('weights', 'others', 'statistics')
        }

    def view(self, spec):
        return self.runs[spec.run].view(spec)

    def export(self, flats=None, suffix=''):
        """Tensors by their name in files; `flats` are other values by run, where not the parameters themselves."""
        tensors = {}
        for name, run in self.runs.items():
            flat = run.values if flats is None else flats.get(name)
            if flat is None:
                continue
            for spec in run.specs:
                tensors[spec.name + suffix] = to_file_order(run.view(spec, flat)).clone(
                    memory_format=torch.contiguous_format
                )
        return tensors

    def load(self, tensors, flats=None, suffix=''):
        """The inverse of `export`; raises a ValueError that names the first tensor that is missing or misshapen."""
        for name, run in self.runs.items():
            flat = run.values if flats is None else flats.get(name)
            if flat is None:
                continue
            for spec in run.specs:
                tensor = tensors.get(spec.name + suffix)
                if tensor is None or tuple(tensor.shape) != spec.dimensions or tensor.dtype != torch.float32:
                    shape = 'missing' if tensor is None else 'x'.join(map(str, tensor.shape))
                    expected = 'x'.join(map(str, spec.dimensions))
                    raise ValueError('%s%s is %s, not %s' % (spec.name, suffix, shape, expected))
                run.view(spec, flat).copy_(from_file_order(tensor))
