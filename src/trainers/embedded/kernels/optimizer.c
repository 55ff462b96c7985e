// Steps of optimisers over runs of parameters. Counts of floats are multiples of 4.
#include "simd.h"

// Stochastic gradient descent with Nesterov momentum and weight decay (as in PyTorch's SGD):
//   g = gradient + decay * weight;  v = momentum * v + g;  weight -= rate * (g + momentum * v)
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

// RMSProp with momentum and weight decay (as in TensorFlow, epsilon inside the root):
//   g = gradient + decay * weight;  s = square_decay * s + (1 - square_decay) * g^2;
//   v = momentum * v + rate * g / sqrt(s + epsilon);  weight -= v
EXPORT(rmsprop_update)
void rmsprop_update(int floats, float *weights, const float *gradients, float *velocities, float *squares,
                    float rate, float momentum, float decay, float square_decay, float epsilon) {
  for (int i = 0; i < floats; i += LANES) {
    const f32x4 weight = load(weights + i);
    const f32x4 gradient = load(gradients + i) + weight * splat(decay);
    const f32x4 square =
        load(squares + i) * splat(square_decay) + gradient * gradient * splat(1.0f - square_decay);
    store(squares + i, square);
    const f32x4 velocity = load(velocities + i) * splat(momentum) +
                           gradient * splat(rate) / square_root(square + splat(epsilon));
    store(velocities + i, velocity);
    store(weights + i, weight - velocity);
  }
}

// average += (value - average) * share
EXPORT(moving_average)
void moving_average(int floats, float *averages, const float *values, float share) {
  for (int i = 0; i < floats; i += LANES) {
    const f32x4 average = load(averages + i);
    store(averages + i, average + (load(values + i) - average) * splat(share));
  }
}

EXPORT(swap)
void swap(int floats, float *a, float *b) {
  for (int i = 0; i < floats; i += LANES) {
    const f32x4 held = load(a + i);
    store(a + i, load(b + i));
    store(b + i, held);
  }
}
