"""A second try for what does not fit in memory."""
import gc

import torch

from .errors import Refused, is_out_of_memory
from .kept_memory import keep_memory, return_memory
from .training import train


def train_within_memory(job, surroundings, report):
    """
    Trains; where memory runs out, once more with each batch in two halves. Step by step the two are the same but
    for batch-norm, which goes by half as many images.
    """
    try:
        return train(job, surroundings, report, pieces=1)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        complaint = str(error).split('\n')[0][:200]
    # Not in the handler: what the error holds on to is free now.
    gc.collect()
    return_memory()
    if surroundings.device.type == 'cuda':
        torch.cuda.empty_cache()
    batch = job.request['recipe']['batchSize']
    half = batch // 2
    if half == 0:
        raise out_of_memory(complaint, 'a batch of 1')
    note = 'memory ran out with a batch of %d: trained in halves of %d' % (batch, half)
    try:
        result = train(job, surroundings, lambda epoch: report({**epoch, 'note': note}), pieces=2)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(str(error).split('\n')[0][:200], 'half a batch of %d' % batch)
    finally:
        keep_memory()
    return {**result, 'note': note}


def out_of_memory(complaint, what):
    return Refused(
        'memory runs out with %s (%s)' % (what, complaint),
        'a network that fits',
        'train at a smaller batch size, resolution or width, or fewer networks at once',
    )
