"""
The closed set of ops in PyTorch: each function makes, from a node, what computes it. Tensors are [batch, channels,
height, width].
"""
import torch
import torch.nn.functional as F

from .errors import Refused

EPSILON = 1e-3


def padding_along(pixels, kernel, stride, dilation, padding):
    """(before, after) along one axis: TensorFlow's rule puts the odd pixel last."""
    if padding == 'valid':
        return 0, 0
    span = (kernel - 1) * dilation + 1
    outputs = -(-pixels // stride)
    total = max(0, (outputs - 1) * stride + span - pixels)
    return total // 2, total - total // 2


class Window:
    """The padding of a convolution or pool on images of a known size."""

    def __init__(self, op, shape):
        dilation = op.get('dilation', [1, 1])
        top, bottom = padding_along(shape[0], op['kernel'][0], op['stride'][0], dilation[0], op['padding'])
        left, right = padding_along(shape[1], op['kernel'][1], op['stride'][1], dilation[1], op['padding'])
        self.is_even = top == bottom and left == right
        # What PyTorch's own operation pads, and what must be padded before it.
        self.inside = (top, left) if self.is_even else (0, 0)
        self.outside = (left, right, top, bottom)

    def pad(self, x, value=0.0):
        return x if self.is_even else F.pad(x, self.outside, value=value)


def convolution(op, shape, parameters):
    window, stride, dilation, groups = Window(op, shape), op['stride'], op['dilation'], op['groups']

    def run(x):
        return F.conv2d(
            window.pad(x), parameters['weight'], parameters.get('bias'), stride, window.inside, dilation, groups
        )

    return run


def linear(op, shape, parameters):
    def run(x):
        return F.linear(x.flatten(1), parameters['weight'], parameters.get('bias'))[:, :, None, None]

    return run


def batch_norm(parameters, mode):
    def run(x):
        return F.batch_norm(
            x,
            parameters['running-mean'],
            parameters['running-variance'],
            parameters['scale'],
            parameters['shift'],
            mode.training,
            mode.statistics_momentum,
            EPSILON,
        )

    return run


# Those that need their result alone for their gradient may overwrite what nobody else reads.
IN_PLACE = {'relu': torch.relu_, 'relu6': lambda x: F.hardtanh(x, 0.0, 6.0, inplace=True)}
ACTIVATIONS = {
    'relu': torch.relu,
    'relu6': F.relu6,
    'hswish': F.hardswish,
    'hsigmoid': F.hardsigmoid,
    'sigmoid': torch.sigmoid,
    'swish': F.silu,
}


def activation(op, parameters, may_overwrite):
    name = op['function']
    if name == 'prelu':
        return lambda x: F.prelu(x, parameters['slope'].to(x.dtype))
    if may_overwrite and name in IN_PLACE:
        return IN_PLACE[name]
    if name not in ACTIVATIONS:
        raise Refused("activation '%s'" % name, 'one of %s, prelu' % ', '.join(ACTIVATIONS))
    return ACTIVATIONS[name]


def pool(op, shape):
    window, kernel, stride = Window(op, shape), op['kernel'], op['stride']
    if op['function'] == 'max':
        return lambda x: F.max_pool2d(window.pad(x, float('-inf')), kernel, stride, window.inside)
    if window.is_even:
        return lambda x: F.avg_pool2d(x, kernel, stride, window.inside, count_include_pad=False)
    # Sums over windows, each divided by the number of its pixels that lie in the image.
    inside = window.pad(torch.ones(1, 1, shape[0], shape[1]))
    shares = 1 / F.avg_pool2d(inside, kernel, stride, divisor_override=1)
    on_device = {}

    def run(x):
        share = on_device.get(x.device)
        if share is None:
            share = on_device[x.device] = shares.to(x.device)
        return F.avg_pool2d(window.pad(x), kernel, stride, divisor_override=1) * share.to(x.dtype)

    return run


def channel_split(op):
    first, last = op['offset'], op['offset'] + op['channels']
    return lambda x: x[:, first:last]


def channel_shuffle(op):
    groups = op['groups']

    def run(x):
        batch, channels, height, width = x.shape
        # As they lie in memory, channels are last: only they are moved.
        last = x.permute(0, 2, 3, 1).reshape(batch, height, width, groups, channels // groups)
        return last.transpose(3, 4).reshape(batch, height, width, channels).permute(0, 3, 1, 2)

    return run


def global_average_pool(x):
    return x.mean((2, 3), keepdim=True)
