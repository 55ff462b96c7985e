"""Images that lie encoded in files, decoded by processes beside the training while it goes on."""
import ctypes
import signal
import sys

import torch
from torch.utils.data import DataLoader

from .decoding import decoder
from .errors import Refused
from .randomness import generator

# Batches that each process decodes ahead.
BATCHES_AHEAD = 4


class ListedImages:
    """
    The same for a trainer as ImagesInMemory, but for how training images vary: each is a random part of its picture,
    scaled, and mirrored. Which part follows from seed, epoch and place in it, so that the number of processes does
    not matter.
    """

    def __init__(self, tensors, part, device, loaders):
        self._labels = tensors[part + '.labels'].long()
        self.height, self.width, self.channels = tensors[part + '.size'].tolist()
        self.count = len(self._labels)
        self._device = device
        self._loaders = loaders
        paths = ctypes.string_at(tensors['paths'].data_ptr(), len(tensors['paths'])).decode('utf-8').split('\0')
        places = [tensors['%s.%s' % (part, name)] for name in ('file', 'offset', 'bytes')]
        self._pictures = Pictures(decoder(), paths, places, (self.height, self.width))

    def open_plan(self, request, recipe):
        if 'batchPlan' in request:
            raise Refused('a batch plan for images that lie in files', 'batches drawn by the worker')
        return PartsPlan(recipe, self, request['seed'])

    def varied_batches(self, recipe, plan, epoch, steps):
        indices, chances = plan.epoch(epoch, steps)
        return self._load(indices, chances, plan.keep(epoch, steps))

    def batches_in_order(self, size):
        return self._load(torch.arange(self.count).split(size), None, None)

    def _load(self, indices, chances, keep):
        """The pictures of each batch with their labels, on the device. `chances` are what varies them, if they vary."""
        on_gpu = self._device.type == 'cuda'
        loader = DataLoader(
            self._pictures,
            batch_sampler=Keys(indices, chances),
            collate_fn=together,
            num_workers=min(self._loaders, len(indices)),
            prefetch_factor=BATCHES_AHEAD,
            pin_memory=on_gpu,
            worker_init_fn=live_no_longer_than_parent,
            # Linux would fork anyway; others cannot, or not safely.
            multiprocessing_context='fork' if sys.platform == 'linux' else None,
        )
        for step, (pixels, complaint) in enumerate(loader):
            if complaint is not None:
                raise Refused(*complaint)
            labels = self._labels[indices[step]]
            yield (
                pixels.to(self._device, non_blocking=True),
                (labels.pin_memory() if on_gpu else labels).to(self._device, non_blocking=True),
                None if keep is None else keep(step).to(self._device),
            )


class PartsPlan:
    """Which images each step takes and which part of each; every epoch has streams of its own."""

    def __init__(self, recipe, images, seed):
        self._recipe, self._images, self._seed = recipe, images, seed

    def epoch(self, number, steps):
        """Indices [steps, batch], and five numbers in [0, 1) for each."""
        batch = self._recipe['batchSize']
        order = torch.randperm(self._images.count, generator=generator(self._seed, 'order', number))
        order = order[: steps * batch].view(steps, batch)
        stream = generator(self._seed, 'parts', number)
        chances = torch.rand(steps, batch, 5, generator=stream, dtype=torch.float64)
        if not self._recipe['flip']:
            chances[:, :, 4] = 1
        return order, chances

    def keep(self, number, steps):
        """What to keep of the images of a step, by its number; None where nothing is cut out."""
        side = self._recipe.get('cutoutPixels', 0)
        if side == 0:
            return None
        height, width = self._images.height, self._images.width
        stream = generator(self._seed, 'cutout', number)
        corners = [
            torch.randint(0, extent, (steps, self._recipe['batchSize'], 1), generator=stream) - side // 2
            for extent in (height, width)
        ]

        def keep(step):
            rows, columns = [
                (torch.arange(extent) >= corner[step]) & (torch.arange(extent) < corner[step] + side)
                for extent, corner in zip((height, width), corners)
            ]
            return ~(rows[:, :, None] & columns[:, None, :])[:, None]

        return keep


class Keys:
    """What the processes are asked for, batch by batch: an index and what varies its picture."""

    def __init__(self, indices, chances):
        self._indices, self._chances = indices, chances

    def __len__(self):
        return len(self._indices)

    def __iter__(self):
        for step, indices in enumerate(self._indices):
            chances = [None] * len(indices) if self._chances is None else self._chances[step].tolist()
            yield list(zip(indices.tolist(), chances))


class Pictures(torch.utils.data.Dataset):
    """What the processes share: where the pictures are and how they are decoded. No picture fails a process."""

    def __init__(self, decode, paths, places, size):
        self._decode, self._paths, self._size = decode, paths, size
        self._files, self._offsets, self._bytes = places

    def __getitem__(self, key):
        """(pixels, None), or (None, what is wrong)"""
        index, chances = key
        path, offset = self._paths[int(self._files[index])], int(self._offsets[index])
        try:
            with open(path, 'rb') as file:
                file.seek(offset)
                content = file.read(int(self._bytes[index]))
            return self._decode(content, self._size, chances), None
        except Exception as error:
            where = path if offset == 0 else '%s at byte %d' % (path, offset)
            found = '%s cannot be read as an image (%s: %s)' % (where, type(error).__name__, error)
            return None, (found, 'a PNG, JPEG or WebP file', 'replace or remove it')


def together(pictures):
    """One tensor, or the first complaint."""
    for _, complaint in pictures:
        if complaint is not None:
            return None, complaint
    return torch.stack([pixels for pixels, _ in pictures]), None


PR_SET_PDEATHSIG = 1


def live_no_longer_than_parent(_):
    """However the training ends, nothing of it stays and holds on to what it has inherited."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
