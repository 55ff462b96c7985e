"""The state of a training between two epochs, in one file."""
import json
import os

import torch

from . import safetensors_file
from .errors import Refused


BEST = '.best'


class Checkpoint:
    """
    Parameters by their names in files; `.velocity`, `.square`, `.average` and `.best` are what is kept beside each.
    """

    def __init__(self, path, identity, store, optimizer, averages):
        self._path, self._identity, self._store = path, identity, store
        self._beside = {'.' + slot: flats for slot, flats in optimizer.state.items()}
        if averages is not None:
            self._beside['.average'] = averages.flats

    def save(self, progress, best):
        """`best` are weights by their names in files, or none."""
        tensors = self._store.export()
        for suffix, flats in self._beside.items():
            tensors.update(self._store.export(flats, suffix))
        tensors.update({name + BEST: tensor for name, tensor in best.items()})
        safetensors_file.write(self._path, tensors, {'training': self._identity, 'progress': json.dumps(progress)})

    @torch.no_grad()
    def resume(self):
        """What `save` was given last, with all state as it was then; no progress where nothing was saved yet."""
        if not os.path.exists(self._path):
            return None, {}
        tensors, metadata = safetensors_file.read(self._path)
        if metadata.get('training') != self._identity:
            raise Refused(
                '%s is a checkpoint of another training' % self._path,
                'one of this network, recipe, seed, dataset and trainer',
                'remove it to begin anew',
            )
        try:
            self._store.load(tensors)
            for suffix, flats in self._beside.items():
                self._store.load(tensors, flats, suffix)
            best = {name[: -len(BEST)]: tensor for name, tensor in tensors.items() if name.endswith(BEST)}
            return json.loads(metadata['progress']), best
        except (ValueError, KeyError) as error:
            raise Refused('%s is damaged (%s)' % (self._path, error), 'a checkpoint', 'remove it to begin anew')
