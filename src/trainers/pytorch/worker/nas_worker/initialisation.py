"""Initial values, by the rules of the embedded trainer (embedded/initialisation.ts); the random numbers are its own."""
import math

import torch

from .randomness import generator

PRELU_SLOPE = 0.25
CLASSIFIER_DEVIATION = 0.01


def initialise(store, graph, seed):
    zero_scales = zero_scale_nodes(graph)
    for spec in store.specs:
        values = store.view(spec)
        if spec.role == 'weight':
            stream = generator(seed, 'weights', graph['nodes'][spec.node]['name'])
            values.copy_(torch.randn(values.shape, generator=stream) * weight_deviation(graph, spec))
        elif spec.role == 'scale':
            values.fill_(0 if spec.node in zero_scales else 1)
        elif spec.role == 'running-variance':
            values.fill_(1)
        elif spec.role == 'slope':
            values.fill_(PRELU_SLOPE)


def weight_deviation(graph, spec):
    op = graph['nodes'][spec.node]['op']
    if op['kind'] == 'convolution':
        height, width, _, outputs = spec.dimensions
        return math.sqrt(2 * op['groups'] / (height * width * outputs))
    last = max(id for id, node in enumerate(graph['nodes']) if node['op']['kind'] == 'linear')
    return CLASSIFIER_DEVIATION if spec.node == last else math.sqrt(1 / spec.dimensions[0])


def zero_scale_nodes(graph):
    """Of each sum's inputs, the later one that is a batch-norm: its block starts as the identity."""
    nodes = graph['nodes']
    zero = set()
    for node in nodes:
        if node['op']['kind'] == 'add':
            norms = [id for id in node['inputs'] if nodes[id]['op']['kind'] == 'batch-norm']
            zero.update([max(norms)] if norms else [])
    return zero
