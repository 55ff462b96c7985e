"""The images of a dataset, kept on the device where they fit, and made batches there."""
import torch

from . import safetensors_file
from .batch_plan import DrawnPlan, SentPlan
from .listed_images import ListedImages

# What of a GPU's free memory a dataset may take.
DATASET_SHARE = 0.5


def open_dataset(path, device, loaders):
    """
    The dataset of a file: `mean` and `standard-deviation`, and of each part, `train` and `validation`, its labels
    and either its pixels or the places where its images lie.
    """
    tensors, _ = safetensors_file.read(path)
    if 'paths' in tensors:
        return Dataset(tensors, device, *[ListedImages(tensors, part, device, loaders) for part in PARTS])
    fits = device.type == 'cpu' or fits_on(device, tensors)
    return Dataset(tensors, device, *[ImagesInMemory(tensors, part, device, fits) for part in PARTS])


PARTS = ('train', 'validation')


class Dataset:
    def __init__(self, tensors, device, train, validation):
        self.train, self.validation = train, validation
        self._mean = tensors['mean'].view(1, -1, 1, 1).to(device)
        self._inverse_deviation = (1 / tensors['standard-deviation']).view(1, -1, 1, 1).to(device)

    def normalised(self, pixels, keep=None):
        """Images as a network takes them, channels last in memory, out of bytes [batch, height, width, channels]."""
        x = pixels.permute(0, 3, 1, 2).float().sub_(self._mean).mul_(self._inverse_deviation)
        # What comes in from outside, and what is cut out, is the mean.
        return x if keep is None else x * keep


class ImagesInMemory:
    """Labelled images as bytes: [count, height, width, channels]. Batches are (pixels, labels, what to keep of them)."""

    def __init__(self, tensors, part, device, fits):
        pixels = tensors[part + '.pixels']
        self.count, self.height, self.width, self.channels = pixels.shape
        self._pixels = pixels.to(device) if fits else pixels
        self._labels = tensors[part + '.labels'].long().to(device)
        self._device = device

    def open_plan(self, request, recipe):
        if 'batchPlan' in request:
            return SentPlan(request['batchPlan'], recipe, self)
        return DrawnPlan(recipe, self, request['seed'])

    def varied_batches(self, recipe, plan, epoch, steps):
        """The batches of an epoch, for training."""
        rows = {name: tensor.to(self._device) for name, tensor in plan.epoch(epoch, steps).items()}
        for step in range(steps):
            own = {name: tensor[step] for name, tensor in rows.items()}
            pixels, labels = self._take(own['indices'])
            pixels, keep = varied(pixels, recipe, own)
            yield pixels, labels, keep

    def batches_in_order(self, size):
        """All images as they are, for validation."""
        for first in range(0, self.count, size):
            indices = torch.arange(first, min(first + size, self.count), device=self._device)
            pixels, labels = self._take(indices)
            yield pixels, labels, None

    def _take(self, indices):
        pixels = self._pixels.index_select(0, indices.to(self._pixels.device))
        return pixels.to(self._device, non_blocking=True), self._labels.index_select(0, indices)


def fits_on(device, tensors):
    free, _ = torch.cuda.mem_get_info(device)
    pixels = sum(tensor.numel() for name, tensor in tensors.items() if name.endswith('.pixels'))
    return pixels < DATASET_SHARE * free


def varied(pixels, recipe, plan):
    """
    Images of a batch mirrored, then shifted, then cut out, and 1 where a pixel of them counts and 0 where it becomes
    the mean, or None where all count.
    """
    batch, height, width, channels = pixels.shape
    shifts, cutout = recipe['shiftPixels'] > 0, recipe.get('cutoutPixels', 0)
    down, right = torch.arange(height, device=pixels.device), torch.arange(width, device=pixels.device)
    keep = None
    if recipe['flip'] or shifts:
        rows = down + plan['shiftsY'].long()[:, None]
        columns = right + plan['shiftsX'].long()[:, None]
        if shifts:
            keep = within(rows, 0, height)[:, :, None] & within(columns, 0, width)[:, None, :]
        columns = torch.where(plan['flips'].bool()[:, None], width - 1 - columns, columns)
        image = torch.arange(batch, device=pixels.device)[:, None, None] * height
        places = (image + rows.clamp(0, height - 1)[:, :, None]) * width + columns.clamp(0, width - 1)[:, None, :]
        pixels = pixels.reshape(-1, channels).index_select(0, places.reshape(-1)).view(pixels.shape)
    if cutout:
        top, left = plan['cutoutsY'].long()[:, None], plan['cutoutsX'].long()[:, None]
        cut = within(down, top, top + cutout)[:, :, None] & within(right, left, left + cutout)[:, None, :]
        keep = ~cut if keep is None else keep & ~cut
    return pixels, None if keep is None else keep[:, None]


def within(places, first, end):
    return (places >= first) & (places < end)
