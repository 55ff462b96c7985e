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

// Floats of scratch that the functions below need: packed weights, a block of patches, and what a product may
// read past it.
EXPORT(convolution_scratch_floats)
int convolution_scratch_floats(const struct window *w, int inputs, int outputs) {
  const int patch = patch_floats(w, inputs);
  const int packed = larger(PACKED_FLOATS(patch, outputs), PACKED_FLOATS(outputs, patch));
  return packed + BLOCK_PIXELS * patch + 2 * PANEL;
}

// Calls `body` for each row of taps of the output pixels from `first` on, in the order of their patches: taps
// `left` to `right` (exclusive) of it hit the image, the first of them at float `offset` of the input and the
// others `dilation_width * input_stride` floats apart.
#define FOR_EACH_TAP_ROW(w, first, count, input_stride, body)                                                \
  {                                                                                                          \
    int column = (first) % w->output_width, row = (first) / w->output_width % w->output_height;              \
    int image = (first) / (w->output_width * w->output_height);                                              \
    for (int pixel = 0; pixel < (count); pixel++) {                                                          \
      const int x = column * w->stride_width - w->pad_left;                                                  \
      const struct tap_range inside =                                                                        \
          taps_inside(x, w->dilation_width, w->kernel_width, w->input_width);                                \
      const int left = inside.first;                                                                         \
      for (int a = 0; a < w->kernel_height; a++) {                                                           \
        const int y = row * w->stride_height - w->pad_top + a * w->dilation_height;                          \
        const int right = y >= 0 && y < w->input_height ? inside.end : left;                                 \
        const int offset =                                                                                   \
            ((image * w->input_height + y) * w->input_width + x + left * w->dilation_width) *                \
            (input_stride);                                                                                  \
        body                                                                                                 \
      }                                                                                                      \
      if (++column == w->output_width) {                                                                     \
        column = 0;                                                                                          \
        if (++row == w->output_height) {                                                                     \
          row = 0;                                                                                           \
          image++;                                                                                           \
        }                                                                                                    \
      }                                                                                                      \
    }                                                                                                        \
  }

INLINE void copy(int floats, const float *from, float *to) {
  int i = 0;
  for (; i + LANES <= floats; i += LANES) store(to + i, load(from + i));
  for (; i < floats; i++) to[i] = from[i];
}

INLINE void fill_zero(int floats, float *to) {
  int i = 0;
  for (; i + LANES <= floats; i += LANES) store(to + i, splat(0));
  for (; i < floats; i++) to[i] = 0;
}

INLINE void add_to(int floats, const float *from, float *to) {
  int i = 0;
  for (; i + LANES <= floats; i += LANES) store(to + i, load(to + i) + load(from + i));
  for (; i < floats; i++) to[i] += from[i];
}

// Patches [count][kernel][inputs] of the output pixels from `first` on.
static void gather_patches(const struct window *w, int first, int count, const float *input, int input_stride,
                           int inputs, float *patches) {
  const int tap_stride = w->dilation_width * input_stride;
  FOR_EACH_TAP_ROW(w, first, count, input_stride, {
    fill_zero(left * inputs, patches);
    if (inputs == tap_stride) {
      copy((right - left) * inputs, input + offset, patches + left * inputs);
    } else {
      const float *from = input + offset;
      for (int b = left; b < right; b++, from += tap_stride) copy(inputs, from, patches + b * inputs);
    }
    fill_zero((w->kernel_width - right) * inputs, patches + right * inputs);
    patches += w->kernel_width * inputs;
  })
}

// Adds patches back to the pixels they were gathered from.
static void scatter_patches(const struct window *w, int first, int count, const float *patches, float *input,
                            int input_stride, int inputs) {
  const int tap_stride = w->dilation_width * input_stride;
  FOR_EACH_TAP_ROW(w, first, count, input_stride, {
    if (inputs == tap_stride) {
      add_to((right - left) * inputs, patches + left * inputs, input + offset);
    } else {
      float *to = input + offset;
      for (int b = left; b < right; b++, to += tap_stride) add_to(inputs, patches + b * inputs, to);
    }
    patches += w->kernel_width * inputs;
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
