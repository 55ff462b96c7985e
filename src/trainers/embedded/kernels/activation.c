// Activations that stand alone: those after a batch-norm are part of batch-norm.c.
#include "activation.h"

INLINE void forward(int function, int floats, const float *input, float *output) {
  for (int i = 0; i < floats; i += LANES) store(output + i, activate(function, load(input + i)));
}

EXPORT(activation_forward)
void activation_forward(int function, int floats, const float *input, float *output) {
  WITH_CONSTANT_ACTIVATION(function, forward(FUNCTION, floats, input, output))
}

INLINE void backward(int function, int floats, const float *input, const float *output_gradient,
                     float *input_gradient) {
  for (int i = 0; i < floats; i += LANES) {
    store(input_gradient + i, activate_backward(function, load(input + i), load(output_gradient + i)));
  }
}

// The two gradients may be one buffer.
EXPORT(activation_backward)
void activation_backward(int function, int floats, const float *input, const float *output_gradient,
                         float *input_gradient) {
  WITH_CONSTANT_ACTIVATION(function, backward(FUNCTION, floats, input, output_gradient, input_gradient))
}

// z where z > 0, else slope[channel] z.
EXPORT(prelu_forward)
void prelu_forward(int rows, int channels, const float *input, const float *slope, float *output) {
  for (int row = 0; row < rows; row++, input += channels, output += channels) {
    for (int c = 0; c < channels; c += LANES) {
      const f32x4 z = load(input + c);
      store(output + c, select(z > splat(0), z, z * load(slope + c)));
    }
  }
}

// The two gradients of activations may be one buffer.
EXPORT(prelu_backward)
void prelu_backward(int rows, int channels, const float *input, const float *slope,
                    const float *output_gradient, float *input_gradient, float *slope_gradient) {
  for (int c = 0; c < channels; c += LANES) store(slope_gradient + c, splat(0));
  for (int row = 0; row < rows; row++) {
    for (int c = 0; c < channels; c += LANES) {
      const f32x4 z = load(input + c), gradient = load(output_gradient + c);
      const i32x4 positive = z > splat(0);
      store(slope_gradient + c, load(slope_gradient + c) + keep_where(~positive, gradient * z));
      store(input_gradient + c, select(positive, gradient, gradient * load(slope + c)));
    }
    input += channels;
    output_gradient += channels;
    input_gradient += channels;
  }
}
