// Max and average pools over a window, and the mean over a whole image.
// Backward functions of windows add to a gradient that the host has zeroed.
#include "simd.h"
#include "window.h"

#define LOWEST -3.402823466e+38f

// The part of a window that lies in the image: rows `top` to `bottom` and columns `left` to `right`, exclusive.
struct cut {
  int top, bottom, left, right;
};

INLINE struct cut cut_window(const struct window *w, int row, int column) {
  const int y = row * w->stride_height - w->pad_top, x = column * w->stride_width - w->pad_left;
  return (struct cut){larger(0, y), smaller(w->input_height, y + w->kernel_height), larger(0, x),
                      smaller(w->input_width, x + w->kernel_width)};
}

// Calls `body` for each output pixel, with the `cut` of its window, `input_image`, the first float of its
// image's input, and `output_pixel`, the first float of the pixel itself.
#define FOR_EACH_OUTPUT(w, channels, body)                                                                   \
  for (int image = 0, output_pixel = 0; image < w->batch; image++) {                                         \
    const int input_image = image * w->input_height * w->input_width * (channels);                           \
    for (int row = 0; row < w->output_height; row++) {                                                       \
      for (int column = 0; column < w->output_width; column++, output_pixel += (channels)) {                 \
        const struct cut cut = cut_window(w, row, column);                                                   \
        body                                                                                                 \
      }                                                                                                      \
    }                                                                                                        \
  }

// `winners` remembers, for each output float, which float of the input was the first largest.
EXPORT(max_pool_forward)
void max_pool_forward(const struct window *w, int channels, const float *input, float *output, int *winners) {
  FOR_EACH_OUTPUT(w, channels, {
    for (int c = 0; c < channels; c++) {
      float best = LOWEST;
      int winner = input_image + (cut.top * w->input_width + cut.left) * channels + c;
      for (int y = cut.top; y < cut.bottom; y++) {
        for (int x = cut.left; x < cut.right; x++) {
          const int at = input_image + (y * w->input_width + x) * channels + c;
          if (!(input[at] <= best)) {
            best = input[at];
            winner = at;
          }
        }
      }
      output[output_pixel + c] = best;
      winners[output_pixel + c] = winner;
    }
  })
}

EXPORT(max_pool_backward)
void max_pool_backward(int floats, const float *output_gradient, const int *winners, float *input_gradient) {
  for (int i = 0; i < floats; i++) input_gradient[winners[i]] += output_gradient[i];
}

INLINE f32x4 inverse_area(struct cut cut) {
  return splat(1.0f / ((cut.bottom - cut.top) * (cut.right - cut.left)));
}

// The mean over the pixels of the image in each window: padding does not count.
EXPORT(average_pool_forward)
void average_pool_forward(const struct window *w, int channels, const float *input, float *output) {
  FOR_EACH_OUTPUT(w, channels, {
    for (int c = 0; c < channels; c += LANES) {
      f32x4 sum = splat(0);
      for (int y = cut.top; y < cut.bottom; y++) {
        for (int x = cut.left; x < cut.right; x++) {
          sum += load(input + input_image + (y * w->input_width + x) * channels + c);
        }
      }
      store(output + output_pixel + c, sum * inverse_area(cut));
    }
  })
}

EXPORT(average_pool_backward)
void average_pool_backward(const struct window *w, int channels, const float *output_gradient,
                           float *input_gradient) {
  FOR_EACH_OUTPUT(w, channels, {
    for (int c = 0; c < channels; c += LANES) {
      const f32x4 share = load(output_gradient + output_pixel + c) * inverse_area(cut);
      for (int y = cut.top; y < cut.bottom; y++) {
        for (int x = cut.left; x < cut.right; x++) {
          float *to = input_gradient + input_image + (y * w->input_width + x) * channels + c;
          store(to, load(to) + share);
        }
      }
    }
  })
}

// y [batch][channels] = mean of x [batch][pixels][channels] over the pixels
EXPORT(global_average_pool_forward)
void global_average_pool_forward(int batch, int pixels, int channels, const float *x, float *y) {
  const f32x4 share = splat(1.0f / pixels);
  for (int image = 0; image < batch; image++, x += pixels * channels, y += channels) {
    for (int c = 0; c < channels; c += LANES) store(y + c, splat(0));
    for (int pixel = 0; pixel < pixels; pixel++) {
      const float *from = x + pixel * channels;
      for (int c = 0; c < channels; c += LANES) store(y + c, load(y + c) + load(from + c));
    }
    for (int c = 0; c < channels; c += LANES) store(y + c, load(y + c) * share);
  }
}

EXPORT(global_average_pool_backward)
void global_average_pool_backward(int batch, int pixels, int channels, const float *dy, float *dx,
                                  int accumulate) {
  const f32x4 share = splat(1.0f / pixels);
  for (int image = 0; image < batch; image++, dy += channels) {
    for (int pixel = 0; pixel < pixels; pixel++, dx += channels) {
      for (int c = 0; c < channels; c += LANES) {
        const f32x4 gradient = load(dy + c) * share;
        store(dx + c, accumulate ? load(dx + c) + gradient : gradient);
      }
    }
  }
}
