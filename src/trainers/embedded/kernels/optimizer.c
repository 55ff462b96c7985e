// Stochastic gradient descent with Nesterov momentum and weight decay (as in PyTorch's SGD):
//   g = gradient + decay * weight;  v = momentum * v + g;  weight -= rate * (g + momentum * v)
#include "simd.h"

EXPORT(nesterov_update)
void nesterov_update(int floats, float *weights, const float *gradients, float *velocities, float rate,
                     float momentum, float decay) {
  for (int i = 0; i < floats; i += LANES) {
    const f32x4 weight = load(weights + i);
    const f32x4 gradient = load(gradients + i) + weight * splat(decay);
    const f32x4 velocity = load(velocities + i) * splat(momentum) + gradient;
    store(velocities + i, velocity);
    store(weights + i, weight - (gradient + velocity * splat(momentum)) * splat(rate));
  }
}
