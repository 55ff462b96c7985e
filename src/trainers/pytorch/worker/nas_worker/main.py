"""The life of a worker: says what it is, then does one training after the other."""
import argparse
import gc
import os
import sys
import traceback

from .channel import Channel

PROTOCOL = 2


def main():
    options = read_options()
    # Before torch, whose import may print.
    channel = Channel()
    try:
        import torch
    except Exception as error:
        give_up(
            channel,
            found='%s has no PyTorch that loads (%s: %s)' % (sys.executable, type(error).__name__, error),
            expected='the package torch, 1.13 or later',
            next='apt install python3-torch, or pip install torch, or name another Python with --python PATH',
        )
    from .device import describe, open_device
    from .errors import Cancelled, Refused
    from .recovery import train_within_memory
    from .supernet import train_supernet_epoch
    from .training import Surroundings

    try:
        device = open_device(options.device, options.compile, options.threads)
    except Refused as refused:
        give_up(channel, **refused.fields)
    surroundings = Surroundings(device, options.compile)
    channel.send('hello', protocol=PROTOCOL, **describe(device))
    while True:
        job = channel.next_job()
        try:
            if job.kind == 'train-supernet':
                channel.send('supernet-trained', id=job.id, **train_supernet_epoch(job, surroundings))
            else:
                result = train_within_memory(job, surroundings, lambda report: channel.send('epoch', id=job.id, **report))
                channel.send('trained', id=job.id, **result)
        except Cancelled:
            channel.send('cancelled', id=job.id)
        except Refused as refused:
            channel.send('refused', id=job.id, **refused.fields)
        except Exception as error:
            traceback.print_exc()
            channel.send('refused', id=job.id, found='%s: %s' % (type(error).__name__, str(error)[:500]))
        # What the network held is free for the next one, and on a GPU for other workers.
        gc.collect()
        if device.type == 'cuda':
            torch.cuda.empty_cache()


def read_options():
    parser = argparse.ArgumentParser(prog='worker')
    parser.add_argument('--device', default='cpu', help='cpu, or cuda:INDEX')
    parser.add_argument('--threads', type=int, default=1, help='of the processor')
    parser.add_argument('--compile', action='store_true', help='compile networks with torch.compile')
    return parser.parse_args()


def give_up(channel, **fields):
    channel.send('unusable', **fields)
    os._exit(1)
