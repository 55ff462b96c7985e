// Convolution of one group of channels as matrix products over patches (im2col), a block of output pixels at
// a time, so that the patches never leave the cache.
//
// A group reads `inputs` channels of pixels that lie `input_stride` floats apart and writes `outputs` channels
// of pixels `output_stride` apart; the pointers are those of its first channels. Its weights are
// [kernel_height * kernel_width * inputs][outputs].
#include "gemm.h"
#include "simd.h"
#include "window.h"

#define BLOCK_PIXELS 96

INLINE int patch_floats(const struct window *w, int inputs) {
  return w->kernel_height * w->kernel_width * inputs;
}

// Floats of scratch that the functions below need: packed weights and two blocks of patches' rows.
EXPORT(convolution_scratch_floats)
int convolution_scratch_floats(const struct window *w, int inputs, int outputs) {
  const int patch = patch_floats(w, inputs);
  const int packed = larger(PACKED_FLOATS(patch, outputs), PACKED_FLOATS(outputs, patch));
  return packed + BLOCK_PIXELS * patch + 2 * PANEL;
}

// Calls for each tap of each output pixel of a block, in the order of a patch: `inside` says whether the tap
// hits the image, and then `offset` is the input's float.
#define FOR_EACH_TAP(w, first, count, input_stride, body)                                                    \
  for (int pixel = (first); pixel < (first) + (count); pixel++) {                                            \
    const int image = pixel / (w->output_height * w->output_width);                                          \
    const int row = pixel / w->output_width % w->output_height * w->stride_height - w->pad_top;              \
    const int column = pixel % w->output_width * w->stride_width - w->pad_left;                              \
    for (int a = 0; a < w->kernel_height; a++) {                                                             \
      const int y = row + a;                                                                                 \
      for (int b = 0; b < w->kernel_width; b++) {                                                            \
        const int x = column + b;                                                                            \
        const int inside = y >= 0 && y < w->input_height && x >= 0 && x < w->input_width;                    \
        const int offset = ((image * w->input_height + y) * w->input_width + x) * (input_stride);            \
        body                                                                                                 \
      }                                                                                                      \
    }                                                                                                        \
  }

// Patches [count][kernel][inputs] of the output pixels from `first` on.
static void gather_patches(const struct window *w, int first, int count, const float *input, int input_stride,
                           int inputs, float *patches) {
  FOR_EACH_TAP(w, first, count, input_stride, {
    int c = 0;
    if (inside) {
      for (; c + LANES <= inputs; c += LANES) store(patches + c, load(input + offset + c));
      for (; c < inputs; c++) patches[c] = input[offset + c];
    } else {
      for (; c < inputs; c++) patches[c] = 0;
    }
    patches += inputs;
  })
}

// Adds patches back to the pixels they were gathered from.
static void scatter_patches(const struct window *w, int first, int count, const float *patches, float *input,
                            int input_stride, int inputs) {
  FOR_EACH_TAP(w, first, count, input_stride, {
    int c = 0;
    if (inside) {
      float *to = input + offset;
      for (; c + LANES <= inputs; c += LANES) store(to + c, load(to + c) + load(patches + c));
      for (; c < inputs; c++) to[c] += patches[c];
    }
    patches += inputs;
  })
}

INLINE int output_pixels(const struct window *w) { return w->batch * w->output_height * w->output_width; }

// A 1x1 window of stride 1: the pixels themselves are the patches.
INLINE int is_pointwise(const struct window *w) {
  return w->kernel_height == 1 && w->kernel_width == 1 && w->stride_height == 1 && w->stride_width == 1;
}

EXPORT(convolution_forward)
void convolution_forward(const struct window *w, const float *input, int input_stride, int inputs,
                         const float *weights, float *output, int output_stride, int outputs, float *scratch) {
  const int patch = patch_floats(w, inputs);
  const int pixels = output_pixels(w);
  pack(weights, patch, outputs, outputs, scratch);
  if (is_pointwise(w)) {
    multiply_packed(pixels, outputs, inputs, input, input_stride, scratch, output, output_stride, 0);
    return;
  }
  float *patches = scratch + PACKED_FLOATS(patch, outputs);
  for (int first = 0; first < pixels; first += BLOCK_PIXELS) {
    const int count = smaller(BLOCK_PIXELS, pixels - first);
    gather_patches(w, first, count, input, input_stride, inputs, patches);
    multiply_packed(count, outputs, patch, patches, patch, scratch, output + first * output_stride,
                    output_stride, 0);
  }
}

// Adds to `input_gradient`, except for a pointwise window with `accumulate` 0, which overwrites it.
EXPORT(convolution_backward_input)
void convolution_backward_input(const struct window *w, const float *output_gradient, int output_stride,
                                int outputs, const float *weights, float *input_gradient, int input_stride,
                                int inputs, float *scratch, int accumulate) {
  const int patch = patch_floats(w, inputs);
  const int pixels = output_pixels(w);
  pack_transposed(weights, outputs, patch, outputs, scratch);
  if (is_pointwise(w)) {
    multiply_packed(pixels, inputs, outputs, output_gradient, output_stride, scratch, input_gradient,
                    input_stride, accumulate);
    return;
  }
  float *patches = scratch + PACKED_FLOATS(outputs, patch);
  for (int first = 0; first < pixels; first += BLOCK_PIXELS) {
    const int count = smaller(BLOCK_PIXELS, pixels - first);
    multiply_packed(count, patch, outputs, output_gradient + first * output_stride, output_stride, scratch,
                    patches, patch, 0);
    scatter_patches(w, first, count, patches, input_gradient, input_stride, inputs);
  }
}

EXPORT(convolution_backward_weights)
void convolution_backward_weights(const struct window *w, const float *input, int input_stride, int inputs,
                                  const float *output_gradient, int output_stride, int outputs,
                                  float *weight_gradient, float *scratch) {
  const int patch = patch_floats(w, inputs);
  const int pixels = output_pixels(w);
  if (is_pointwise(w)) {
    multiply_transposed(pixels, outputs, inputs, input, input_stride, output_gradient, output_stride,
                        weight_gradient, outputs, 0);
    return;
  }
  for (int first = 0; first < pixels; first += BLOCK_PIXELS) {
    const int count = smaller(BLOCK_PIXELS, pixels - first);
    gather_patches(w, first, count, input, input_stride, inputs, scratch);
    multiply_transposed(count, outputs, patch, scratch, patch, output_gradient + first * output_stride,
                        output_stride, weight_gradient, outputs, first > 0);
  }
}
