"""What changes from step to step, as in trainers/schedule.ts. Steps count from 0."""
import math


def learning_rate_at(step, steps, steps_per_epoch, recipe):
    peak = recipe['peakLearningRate']
    warmup = math.floor(steps * recipe['warmupFraction'] + 0.5)
    if step < warmup:
        return peak * (step + 1) / warmup
    if recipe.get('schedule', 'cosine') == 'exponential':
        stair = recipe.get('decayEpochs', 2.4) * steps_per_epoch
        return peak * recipe.get('decayFactor', 0.97) ** math.floor((step - warmup) / stair)
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.5 * peak * (1 + math.cos(math.pi * progress))


def statistics_momentum_at(step):
    """Weight of a batch in the running statistics: their plain mean for ten steps, exponential after that."""
    return max(0.1, 1 / (step + 1))


# The step from which on it is the same.
STATISTICS_SETTLE = 10


def ema_decay_at(step, decay):
    return min(decay, (1 + step) / (10 + step))
