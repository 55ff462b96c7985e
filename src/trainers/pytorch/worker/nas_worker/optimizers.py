"""Steps against the gradient, each on one tensor of parameters. `slots` are what an optimiser remembers of each."""
import torch


class Nesterov:
    """Stochastic gradient descent with Nesterov momentum: v = momentum v + g;  w -= rate (g + momentum v)."""

    slots = {'velocity': 0.0}

    def __init__(self, recipe):
        self._momentum = recipe['momentum']

    def update(self, values, gradient, rate, velocity):
        velocity.mul_(self._momentum).add_(gradient)
        values.add_(gradient.add_(velocity, alpha=self._momentum), alpha=-rate)


class RmsProp:
    """As in TensorFlow: s = decay s + (1 - decay) g^2;  m = momentum m + rate g / sqrt(s + epsilon);  w -= m."""

    slots = {'velocity': 0.0, 'square': 1.0}

    def __init__(self, recipe):
        self._momentum = recipe['momentum']
        self._decay = recipe.get('squareDecay', 0.9)
        self._epsilon = recipe.get('epsilon', 1e-3)

    def update(self, values, gradient, rate, velocity, square):
        square.mul_(self._decay).addcmul_(gradient, gradient, value=1 - self._decay)
        velocity.mul_(self._momentum).addcdiv_(gradient, (square + self._epsilon).sqrt_(), value=rate)
        values.sub_(velocity)


OPTIMIZERS = {'sgd': Nesterov, 'rmsprop': RmsProp}
SLOTS = {slot for rule in OPTIMIZERS.values() for slot in rule.slots}


class Optimizer:
    """Brings the learnt parameters of a network one step on."""

    def __init__(self, store, network, recipe):
        self._rule = OPTIMIZERS[recipe.get('optimizer', 'sgd')](recipe)
        self._runs = [(name, store.runs[name]) for name in ('weights', 'others')]
        self._learnt = network.learnt
        self._decays = {'weights': recipe['weightDecay'], 'others': 0.0}
        self._clip = recipe.get('gradientClip')
        #: Steps in succession, up to the last one, whose gradients were not finite; counted where they are clipped.
        self.steps_lost = torch.zeros((), device=store.runs['weights'].values.device)
        #: By slot, then by run: what is kept in checkpoints.
        self.state = {
            slot: {name: torch.full_like(run.values, start) for name, run in self._runs}
            for slot, start in self._rule.slots.items()
        }

    def moments(self, store):
        """What it remembers, by the names in files."""
        tensors = {}
        for slot, flats in self.state.items():
            tensors.update(store.export(flats, '.' + slot))
        return tensors

    @torch.no_grad()
    def take_over(self, store, tensors):
        """Begins with what another one of the same kind remembered, where a file has it."""
        slots = {slot for slot in SLOTS if any(name.endswith('.' + slot) for name in tensors)}
        if slots == set(self.state):
            for slot, flats in self.state.items():
                store.load(tensors, flats, '.' + slot)

    @torch.no_grad()
    def step(self, rate):
        gradients = {name: parameter.grad for name, parameter in self._learnt.items()}
        flats = [run.gather(gradients) for _, run in self._runs]
        if self._clip is not None:
            self.steps_lost.add_(1).masked_fill_(clip(flats, self._clip), 0)
        for (name, run), gradient in zip(self._runs, flats):
            if self._decays[name] != 0:
                gradient.add_(run.values, alpha=self._decays[name])
            slots = {slot: by_run[name] for slot, by_run in self.state.items()}
            self._rule.update(run.values, gradient, rate, **slots)
        for parameter in self._learnt.values():
            parameter.grad = None


def clip(gradients, limit):
    """
    Scales gradients so that their joint norm is at most `limit`; those that have left float32 tell no direction and
    become 0. Returns whether they were finite, on the device, so that nobody waits for it.
    """
    norms = [torch.linalg.vector_norm(gradient, dtype=torch.float64) for gradient in gradients]
    norm = torch.linalg.vector_norm(torch.stack(norms))
    is_finite = torch.isfinite(norm)
    factor = torch.where(norm > limit, limit / norm, torch.ones_like(norm)).float()
    for gradient in gradients:
        gradient.mul_(factor).masked_fill_(~is_finite, 0)
    return is_finite
