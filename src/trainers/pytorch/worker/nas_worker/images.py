"""The images of a dataset, kept on the device where they fit, and made batches there."""
import torch

from . import safetensors_file

# What of a GPU's free memory a dataset may take.
DATASET_SHARE = 0.5


class Images:
    """Labelled images as bytes: [count, height, width, channels]."""

    def __init__(self, pixels, labels, device):
        self.count, self.height, self.width, self.channels = pixels.shape
        self.pixels = pixels
        self._labels = labels.long().to(device)
        self._device = device

    def take(self, indices):
        """The pixels and labels of these images, on the device."""
        pixels = self.pixels.index_select(0, indices.to(self.pixels.device))
        return pixels.to(self._device, non_blocking=True), self._labels.index_select(0, indices)


class Dataset:
    """A file of `train.pixels`, `train.labels`, `validation.…`, `mean` and `standard-deviation`."""

    def __init__(self, path, device):
        tensors, _ = safetensors_file.read(path)
        fits = device.type == 'cpu' or self._fits(tensors, device)
        self.device = device
        self.train, self.validation = [
            Images(
                tensors[part + '.pixels'].to(device) if fits else tensors[part + '.pixels'],
                tensors[part + '.labels'],
                device,
            )
            for part in ('train', 'validation')
        ]
        self._mean = tensors['mean'].view(1, -1, 1, 1).to(device)
        self._inverse_deviation = (1 / tensors['standard-deviation']).view(1, -1, 1, 1).to(device)

    @staticmethod
    def _fits(tensors, device):
        free, _ = torch.cuda.mem_get_info(device)
        pixels = sum(tensor.numel() for name, tensor in tensors.items() if name.endswith('.pixels'))
        return pixels < DATASET_SHARE * free

    def batch(self, images, indices, variation=None):
        """(normalised images, channels last in memory; labels)"""
        pixels, labels = images.take(indices)
        keep = None
        if variation is not None:
            pixels, keep = variation(pixels)
        x = pixels.permute(0, 3, 1, 2).float().sub_(self._mean).mul_(self._inverse_deviation)
        # What comes in from outside, and what is cut out, is the mean.
        return (x if keep is None else x * keep), labels


class Variation:
    """How the images of one batch differ from those of the dataset: mirrored, then shifted, then cut out."""

    def __init__(self, recipe, plan):
        self._recipe = recipe
        self._plan = plan

    def __call__(self, pixels):
        """(pixels; 1 where a pixel counts and 0 where it becomes the mean, or None where all count)"""
        recipe, plan = self._recipe, self._plan
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
