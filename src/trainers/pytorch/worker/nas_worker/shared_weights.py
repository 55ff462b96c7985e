"""What the networks of a space share, and the slices of it that a network has."""
import torch

from .parameters import from_file_order, to_file_order


class SharedWeights:
    """
    By what is kept of each parameter (`value`, and the slots of the optimiser) one flat tensor: a shared parameter
    lies from its offset on, in the dimensions of files. `places` are offset and dimensions by name.
    """

    def __init__(self, tensors, places, device):
        self.flats = {kept: tensor.to(device, copy=True) for kept, tensor in tensors.items()}
        self._places = places

    @torch.no_grad()
    def take(self, names, store, state):
        """Puts slices in the place of a network's own; `names` are those of the shared, by those of its parameters."""
        for own, shared in self._pairs(names, store, state):
            own.copy_(from_file_order(shared))

    @torch.no_grad()
    def give_back(self, names, store, state):
        for own, shared in self._pairs(names, store, state):
            shared.copy_(to_file_order(own))

    def _pairs(self, names, store, state):
        """Views of a network's parameter and of its slice. `state` is the optimiser's: by slot, then by run."""
        for spec in store.specs:
            if spec.run == 'statistics':
                continue
            place = self._places[names[spec.name]]
            for kept, flat in self.flats.items():
                if kept == 'value':
                    yield store.view(spec), slice_of(flat, place, spec)
                elif kept in state:
                    yield store.runs[spec.run].view(spec, state[kept][spec.run]), slice_of(flat, place, spec)


def slice_of(flat, place, spec):
    """The first channels of each axis of channels, and the centre of a kernel (as in trainers/supernet/slice.ts)."""
    dimensions, offset = place['dimensions'], place['offset']
    floats = 1
    for size in dimensions:
        floats *= size
    view = flat[offset : offset + floats].view(dimensions)
    for axis, size in enumerate(spec.dimensions):
        is_kernel = len(dimensions) == 4 and axis < 2
        view = view.narrow(axis, (dimensions[axis] - size) // 2 if is_kernel else 0, size)
    return view
