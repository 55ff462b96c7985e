"""Runs the worker, but kills it as the system would, after an epoch that it reports while a file is there."""
import os
import signal
import sys

doom, worker = sys.argv[1], sys.argv[2]
sys.argv = sys.argv[2:]
sys.path.insert(0, worker)

from nas_worker.channel import Channel  # noqa: E402
from nas_worker.main import main  # noqa: E402

send = Channel.send


def send_and_die(channel, kind, **fields):
    send(channel, kind, **fields)
    if kind == 'epoch' and os.path.exists(doom):
        os.unlink(doom)
        os.kill(os.getpid(), signal.SIGKILL)


Channel.send = send_and_die
main()
