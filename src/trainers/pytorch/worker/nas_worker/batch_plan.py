"""
Which images each step takes and how each is varied: tensors [steps, batch] by the names of trainers/batch-plan.ts.
"""
import torch

from . import safetensors_file
from .errors import Refused
from .randomness import generator


class DrawnPlan:
    """Drawn here. Every epoch has a stream of its own, so that a training can go on with any of them."""

    def __init__(self, recipe, images, seed):
        self._recipe, self._images, self._seed = recipe, images, seed

    def epoch(self, number, steps):
        recipe, images = self._recipe, self._images
        batch, stream = recipe['batchSize'], generator(self._seed, 'order', number)
        order = torch.randperm(images.count, generator=stream)[: steps * batch].view(steps, batch)
        stream = generator(self._seed, 'augmentation', number)
        shift, cutout = recipe['shiftPixels'], recipe.get('cutoutPixels', 0)

        def draw(first, end):
            return torch.randint(first, end, (steps, batch), generator=stream)

        return {
            'indices': order,
            'flips': draw(0, 2 if recipe['flip'] else 1),
            'shiftsY': draw(-shift, shift + 1),
            'shiftsX': draw(-shift, shift + 1),
            'cutoutsY': draw(0, images.height) - cutout // 2,
            'cutoutsX': draw(0, images.width) - cutout // 2,
        }


class SentPlan:
    """Drawn by the host, for all epochs: then another trainer can see the same batches."""

    NAMES = ('indices', 'flips', 'shiftsY', 'shiftsX', 'cutoutsY', 'cutoutsX')

    def __init__(self, path, recipe, images):
        self._tensors, _ = safetensors_file.read(path)
        for name in self.NAMES:
            if name not in self._tensors or self._tensors[name].shape[1:] != (recipe['batchSize'],):
                raise Refused('a batch plan without %s for batches of %d' % (name, recipe['batchSize']))
        indices = self._tensors['indices']
        if indices.numel() and not (0 <= int(indices.min()) and int(indices.max()) < images.count):
            raise Refused('a batch plan of other images', 'indices below %d' % images.count)

    def epoch(self, number, steps):
        plan = {name: self._tensors[name][(number - 1) * steps : number * steps] for name in self.NAMES}
        if len(plan['indices']) != steps:
            raise Refused('a batch plan without epoch %d' % number)
        return plan
