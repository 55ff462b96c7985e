"""One epoch of a supernet: each step trains one network of a space on its slice of the weights that all share."""
import json
import time

import torch
import torch.nn.functional as F

from . import safetensors_file
from .adaptive_clipping import clip_to_values
from .device import precision
from .errors import Cancelled, Refused
from .network import Network
from .optimizers import Optimizer
from .parameters import ParameterStore
from .schedule import learning_rate_at
from .shared_weights import SharedWeights
from .training import DIVERGED_LOSS, LOOK_EVERY, MOST_STEPS_LOST


def train_supernet_epoch(job, surroundings):
    """
    Goes on from a checkpoint of the host (trainers/supernet/checkpoint.ts) and puts the one after the epoch in its
    place. The host has drawn the networks: the first line of the file `paths` tells where in the flat tensors of the
    checkpoint each shared parameter lies, each line after it the graph of a step, and of which shared parameters its
    own are slices. Returns the mean loss.
    """
    request, device = job.request, surroundings.device
    recipe = {name: value for name, value in request['recipe'].items() if value is not None}
    begun = time.process_time()
    dataset = surroundings.dataset(request['dataset'], loaders=1)
    images = dataset.train
    tensors, metadata = safetensors_file.read(request['checkpoint'])
    progress = json.loads(metadata['progress'])
    steps_per_epoch = images.count // recipe['batchSize']
    steps = steps_per_epoch * recipe['epochs']
    first = job.step = progress['step']
    # The plan is of this epoch alone.
    batches = images.varied_batches(recipe, images.open_plan(request, recipe), 1, steps_per_epoch)
    losses = torch.zeros(steps_per_epoch, device=device)
    steps_lost = torch.tensor(float(progress['stepsLost']), device=device)
    seen = 0
    with open(request['paths'], encoding='utf-8') as paths:
        shared = SharedWeights(tensors, json.loads(next(paths)), device)
        for index, ((pixels, labels, keep), line) in enumerate(zip(batches, paths)):
            if job.is_cancelled:
                raise Cancelled()
            path = json.loads(line)
            store = ParameterStore(path['graph'], device)
            network = Network(path['graph'], store)
            optimizer = Optimizer(store, network, recipe)
            shared.take(path['shared'], store, optimizer.state)
            with precision(device):
                logits = network(dataset.normalised(pixels, keep))
            loss = F.cross_entropy(logits.float(), labels, label_smoothing=recipe['labelSmoothing'])
            loss.backward()
            is_finite = clip_to_values(network.learnt, lambda name: name.endswith('.weight'))
            steps_lost.add_(1).masked_fill_(is_finite, 0)
            optimizer.step(learning_rate_at(first + index, steps, steps_per_epoch, recipe))
            shared.give_back(path['shared'], store, optimizer.state)
            losses[index] = loss.detach()
            job.step = first + index + 1
            if (index + 1) % LOOK_EVERY[device.type] == 0 or index + 1 == steps_per_epoch:
                look_at(losses[seen : index + 1].tolist(), first + seen, steps_lost, recipe)
                job.loss = losses[: index + 1].mean().item()
                seen = index + 1
    if seen < steps_per_epoch:
        raise Refused('networks for %d steps' % seen, 'one for each of %d' % steps_per_epoch)
    mean = losses.double().mean().item()
    progress = {
        'step': first + steps_per_epoch,
        'lossSum': 0,
        'epochLosses': [*progress['epochLosses'], mean],
        'stepsLost': int(steps_lost.item()),
        'cpuSeconds': progress['cpuSeconds'] + time.process_time() - begun,
    }
    safetensors_file.write(request['checkpoint'], shared.flats, {**metadata, 'progress': json.dumps(progress)})
    return {'trainLoss': mean}


def look_at(losses, first, steps_lost, recipe):
    """Refuses a supernet that diverged."""
    lower = "lower the recipe's peakLearningRate, now %g" % recipe['peakLearningRate']
    for step, loss in enumerate(losses, first):
        if not loss <= DIVERGED_LOSS:
            raise Refused('it diverged: its loss is %.3g at step %d' % (loss, step + 1), 'at most %d' % DIVERGED_LOSS, lower)
    if steps_lost.item() >= MOST_STEPS_LOST:
        raise Refused('it diverged: no gradient of its last %d steps is finite' % MOST_STEPS_LOST, None, lower)
