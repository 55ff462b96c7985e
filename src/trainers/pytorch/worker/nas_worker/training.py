"""Trains one network and validates it after each epoch."""
import contextlib
import time

import torch
import torch.nn.functional as F

from . import safetensors_file
from .averages import Averages
from .checkpoint import Checkpoint
from .device import uses_mixed_precision
from .errors import Cancelled, Refused
from .images import open_dataset
from .initialisation import initialise
from .network import Network
from .optimizers import Optimizer
from .parameters import ParameterStore
from .schedule import STATISTICS_SETTLE, learning_rate_at, statistics_momentum_at

# Losses of 20 or 30 were seen in trainings that went on to learn; a thousand is a network lost.
DIVERGED_LOSS = 1000
# So many steps in succession without a finite gradient: it will not come back.
MOST_STEPS_LOST = 100
# Steps after which the losses of a GPU are looked at: looking waits for it.
LOOK_EVERY = {'cpu': 1, 'cuda': 50}


class Surroundings:
    """What a worker keeps from training to training."""

    def __init__(self, device, compiles):
        self.device = device
        self.compiles = compiles
        self._dataset = (None, None)

    def dataset(self, path, loaders):
        """`loaders` are processes that decode, where images lie in files."""
        if self._dataset[0] != (path, loaders):
            # The old one goes first: both may not fit.
            self._dataset = (None, None)
            self._dataset = ((path, loaders), open_dataset(path, self.device, loaders))
        return self._dataset[1]


def train(job, surroundings, report, pieces):
    """The result of a request. Each batch goes through the network in so many pieces."""
    return Training(job, surroundings, report, pieces).run()


class Training:
    def __init__(self, job, surroundings, report, pieces):
        request = job.request
        self._job, self._report, self._pieces = job, report, pieces
        self._request = request
        self._recipe = recipe = {name: value for name, value in request['recipe'].items() if value is not None}
        self._device = device = surroundings.device
        self._dataset = surroundings.dataset(request['dataset'], request.get('loaders', 1))
        images = self._dataset.train
        self._store = ParameterStore(request['graph'], device)
        given = start(self._store, request)
        self._network = Network(request['graph'], self._store)
        self._compiled = torch.compile(self._network) if surroundings.compiles else None
        self._optimizer = Optimizer(self._store, self._network, recipe)
        if request.get('carryMoments'):
            with refusing(request.get('initialWeights')):
                self._optimizer.take_over(self._store, given)
        self._averages = Averages(self._store, recipe['emaDecay']) if 'emaDecay' in recipe else None
        self._plan = images.open_plan(request, recipe)
        self._steps_per_epoch = images.count // recipe['batchSize']
        self._steps = self._steps_per_epoch * recipe['epochs']
        self._mixed_precision = uses_mixed_precision(device)
        self._step_losses = []
        # The weights of the best epoch so far, the first of equals, where they are to be kept.
        self._best = {}

    def run(self):
        job, request, recipe = self._job, self._request, self._recipe
        begun = time.process_time()
        checkpoint, epochs, seconds_before = None, [], 0.0
        if 'checkpoint' in request:
            checkpoint = Checkpoint(
                request['checkpoint'], request['identity'], self._store, self._optimizer, self._averages
            )
            progress, self._best = checkpoint.resume()
            if progress is not None:
                epochs, seconds_before = progress['epochs'], progress['cpuSeconds']
                self._step_losses = progress['stepLosses']
                self._optimizer.steps_lost.fill_(progress['stepsLost'])
        job.step = len(epochs) * self._steps_per_epoch
        for epoch in range(len(epochs) + 1, request.get('untilEpoch', recipe['epochs']) + 1):
            train_loss = self._train_epoch(epoch)
            accuracy = self._validate()
            if request.get('saveBestWeights') and all(accuracy > past['validationAccuracy'] for past in epochs):
                self._best = self._validated_weights()
            epochs.append({'epoch': epoch, 'trainLoss': train_loss, 'validationAccuracy': accuracy})
            if checkpoint is not None:
                checkpoint.save(
                    {
                        'epochs': epochs,
                        'stepLosses': self._step_losses,
                        'stepsLost': int(self._optimizer.steps_lost.item()),
                        'cpuSeconds': seconds_before + time.process_time() - begun,
                    },
                    self._best,
                )
            self._report(epochs[-1])
        result = {
            # No epochs: how good the weights are that were given.
            'accuracy': epochs[-1]['validationAccuracy'] if epochs else self._validate(),
            'epochs': epochs,
            'cpuSeconds': seconds_before + time.process_time() - begun,
        }
        if 'weightsFolder' in request:
            folder = request['weightsFolder']
            weights = self._validated_weights()
            if request.get('carryMoments'):
                weights.update(self._optimizer.moments(self._store))
            result['weights'] = safetensors_file.write_by_digest(folder, weights)
            if request.get('saveBestWeights'):
                best = self._best or self._validated_weights()
                result['bestWeights'] = safetensors_file.write_by_digest(folder, best)
        if 'reportSteps' in request:
            result['stepLosses'] = self._step_losses
        return result

    def _validated_weights(self):
        return self._store.export(None if self._averages is None else self._averages.flats)

    def _train_epoch(self, epoch):
        """The mean loss of its steps."""
        job, recipe, device = self._job, self._recipe, self._device
        steps = self._steps_per_epoch
        losses = torch.zeros(steps, device=device)
        first = job.step
        look_every = LOOK_EVERY[device.type]
        seen = 0
        for index, batch in enumerate(self._dataset.train.varied_batches(recipe, self._plan, epoch, steps)):
            if job.is_cancelled:
                raise Cancelled()
            step = first + index
            losses[index] = self._train_step(step, *batch)
            job.step = step + 1
            if (index + 1) % look_every == 0 or index + 1 == steps:
                self._look_at(losses[seen : index + 1].tolist(), first + seen)
                seen = index + 1
        return losses.double().mean().item()

    def _train_step(self, step, pixels, labels, keep):
        recipe, mode = self._recipe, self._network.mode
        mode.training = True
        mode.statistics_momentum = statistics_momentum_at(step)
        batch = recipe['batchSize']
        # Compiled once the momentum stays: it is a constant of the code.
        network = self._network if self._compiled is None or step < STATISTICS_SETTLE else self._compiled
        total = 0.0
        for piece in range(self._pieces):
            own = slice(piece * batch // self._pieces, (piece + 1) * batch // self._pieces)
            images = self._dataset.normalised(pixels[own], None if keep is None else keep[own])
            with self._precision():
                logits = network(images)
            loss = F.cross_entropy(logits.float(), labels[own], label_smoothing=recipe['labelSmoothing'])
            share = len(images) / batch
            (loss if share == 1 else loss * share).backward()
            total = total + loss.detach() * share
        self._optimizer.step(learning_rate_at(step, self._steps, self._steps_per_epoch, recipe))
        if self._averages is not None:
            self._averages.update(step)
        return total

    def _precision(self):
        return torch.autocast('cuda', dtype=torch.bfloat16) if self._mixed_precision else contextlib.nullcontext()

    def _look_at(self, losses, first):
        """Refuses a network that diverged, and keeps the losses that were asked for."""
        for step, loss in enumerate(losses, first):
            if not loss <= DIVERGED_LOSS:
                raise Refused(
                    'the network diverged: its loss is %.3g at step %d' % (loss, step + 1),
                    'at most %d' % DIVERGED_LOSS,
                    "lower the recipe's peakLearningRate, now %g" % self._recipe['peakLearningRate'],
                )
        if self._optimizer.steps_lost.item() >= MOST_STEPS_LOST:
            raise Refused(
                'the network collapsed: no gradient of its last %d steps is finite' % MOST_STEPS_LOST,
                'gradients within float32',
                "lower the recipe's peakLearningRate, now %g" % self._recipe['peakLearningRate'],
            )
        wanted = self._request.get('reportSteps', 0) - len(self._step_losses)
        self._step_losses.extend(losses[: max(0, wanted)])

    @torch.no_grad()
    def _validate(self):
        """The part of the validation images whose largest logit is that of their label."""
        images, device = self._dataset.validation, self._device
        self._network.mode.training = False
        batch = max(1, self._recipe['batchSize'] // self._pieces)
        correct = torch.zeros((), dtype=torch.long, device=device)
        with contextlib.nullcontext() if self._averages is None else self._averages.in_place():
            for pixels, labels, _ in images.batches_in_order(batch):
                if self._job.is_cancelled:
                    raise Cancelled()
                with self._precision():
                    logits = self._network(self._dataset.normalised(pixels))
                correct += (logits.argmax(1) == labels).sum()
        return correct.item() / images.count


@torch.no_grad()
def start(store, request):
    """Puts the initial values in place, those of a file or drawn ones, and returns what the file has, if any."""
    if 'initialWeights' not in request:
        initialise(store, request['graph'], request['seed'])
        return {}
    tensors, _ = safetensors_file.read(request['initialWeights'])
    with refusing(request['initialWeights']):
        store.load(tensors)
    return tensors


@contextlib.contextmanager
def refusing(path):
    """Refuses a file whose tensors are not those of the network."""
    try:
        yield
    except ValueError as error:
        raise Refused('%s: %s' % (path, error), 'the weights of this network')
