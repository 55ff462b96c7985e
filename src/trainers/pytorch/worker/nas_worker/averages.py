"""Exponential moving averages of all parameters, running statistics too."""
import contextlib

import torch

from .schedule import ema_decay_at


class Averages:
    def __init__(self, store, decay):
        self._runs = store.runs
        self._decay = decay
        #: By run, what is kept in checkpoints.
        self.flats = {name: run.values.clone() for name, run in self._runs.items()}

    @torch.no_grad()
    def update(self, step):
        weight = 1 - ema_decay_at(step, self._decay)
        for name, run in self._runs.items():
            self.flats[name].lerp_(run.values, weight)

    @contextlib.contextmanager
    def in_place(self):
        """The network has the averages for its parameters meanwhile."""
        held = {name: run.values.clone() for name, run in self._runs.items()}
        self._put(self.flats)
        try:
            yield
        finally:
            self._put(held)

    @torch.no_grad()
    def _put(self, flats):
        for name, run in self._runs.items():
            run.values.copy_(flats[name])
