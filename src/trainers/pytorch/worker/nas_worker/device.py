"""The processor or GPU of a worker."""
import contextlib
import platform

import torch

from .errors import Refused
from .kept_memory import keep_memory


def open_device(name, compiles, threads):
    """The torch device of a name, with the settings that trainings want there."""
    if compiles and not hasattr(torch, 'compile'):
        raise Refused('torch %s has no torch.compile' % torch.__version__, 'torch 2.0 or later', 'leave --compile away')
    if name == 'cpu':
        keep_memory()
        # As many as the host says, so that the bits do not depend on how many cores there are.
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        torch.set_flush_denormal(True)
        return torch.device('cpu')
    index = int(name.split(':')[1])
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if index >= count:
        raise Refused(
            'GPU %d, where torch %s sees %s GPUs' % (index, torch.__version__, count or 'no'),
            'a GPU that torch sees' if count else 'a CUDA build of torch and a driver for it',
            'choose among them with --gpus, or leave it away to train on the processor',
        )
    torch.cuda.set_device(index)
    # Every batch has one size, so the fastest algorithm is worth the search for it.
    torch.backends.cudnn.benchmark = True
    return torch.device('cuda', index)


def describe(device):
    """What the worker tells of itself."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return {
        'python': platform.python_version(),
        'torch': str(torch.__version__),
        'cuda': torch.version.cuda,
        'device': str(device),
        'deviceName': torch.cuda.get_device_name(device) if device.type == 'cuda' else platform.machine(),
        'mixedPrecision': uses_mixed_precision(device),
        'compiles': hasattr(torch, 'compile'),
        'gpus': [gpu(index) for index in range(gpus)],
    }


def gpu(index):
    properties = torch.cuda.get_device_properties(index)
    return {'index': index, 'name': properties.name, 'memoryBytes': properties.total_memory}


def precision(device):
    """The context in which a network computes."""
    return torch.autocast('cuda', dtype=torch.bfloat16) if uses_mixed_precision(device) else contextlib.nullcontext()


def uses_mixed_precision(device):
    """bfloat16 where the GPU computes in it; its range is that of float32, so that no loss needs scaling."""
    return device.type == 'cuda' and torch.cuda.is_bf16_supported()
