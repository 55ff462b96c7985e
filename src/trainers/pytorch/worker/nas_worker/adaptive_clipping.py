"""A limit for each parameter's gradient by its values, as in trainers/supernet/adaptive-clipping.ts."""
import torch

MOST_CHANGE = 0.05
LEAST_WEIGHT = 0.1
LEAST_OTHER = 1.0


@torch.no_grad()
def clip_to_values(learnt, is_weight):
    """
    Scales the gradient of each parameter so that rms(gradient) <= 0.05 max(rms(values), least); what is not finite
    becomes 0. `learnt` are parameters by name, of which `is_weight` tells the weights. Returns whether all were finite,
    on the device.
    """
    parameters = [(name, values) for name, values in learnt.items() if values.grad is not None]
    gradients = torch.stack([rms(values.grad) for _, values in parameters])
    sizes = torch.stack([rms(values) for _, values in parameters])
    least = [LEAST_WEIGHT if is_weight(name) else LEAST_OTHER for name, _ in parameters]
    limits = MOST_CHANGE * torch.maximum(sizes, torch.tensor(least, dtype=sizes.dtype, device=sizes.device))
    is_finite = torch.isfinite(gradients)
    factors = torch.where(gradients > limits, limits / gradients, torch.ones_like(limits)).float()
    for (_, values), factor, finite in zip(parameters, factors.unbind(), is_finite.unbind()):
        values.grad.mul_(factor).masked_fill_(~finite, 0)
    return is_finite.all()


def rms(values):
    return torch.linalg.vector_norm(values, dtype=torch.float64) / values.numel() ** 0.5
